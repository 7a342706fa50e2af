"""Orders releases and machine types: `9.2` comes before `10.0`."""

from __future__ import annotations

import re

_VERSIONED = re.compile(r"(?P<family>.+?)-(?P<version>[0-9]+(?:\.[0-9]+)+)$")


def release_key(release: str) -> tuple[int, ...]:
    """Sorts `major.minor…` by number."""
    return tuple(int(part) for part in release.split("."))


def machine_family(machine: str) -> str:
    """`pc-q35` of `pc-q35-7.2`; a machine type without a version is its own family."""
    match = _VERSIONED.match(machine)
    return match["family"] if match else machine


def machine_version(machine: str) -> str:
    """`7.2` of `pc-q35-7.2`, else the empty string."""
    match = _VERSIONED.match(machine)
    return match["version"] if match else ""


def machine_key(machine: str) -> tuple[str, tuple[int, ...]]:
    """Sorts machine types by family, then oldest first."""
    version = machine_version(machine)
    return machine_family(machine), release_key(version) if version else ()
