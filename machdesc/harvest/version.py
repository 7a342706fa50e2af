"""Families and versions of machine types: `pc-q35` and `9.2` of `pc-q35-9.2`.

Distributions name versions by words of their own: `pc-q35-noble`, `pc-q35-rhel9.4.0`.
"""

from __future__ import annotations

import re

from machdesc.catalog.version import version_key

FAMILIES = ("pc-q35", "pc-i440fx", "virt", "pseries", "s390-ccw-virtio")
"""Families of QEMU's whose machine types have versions: what DEFINE_Q35_MACHINE, DEFINE_I440FX_MACHINE,
DEFINE_VIRT_MACHINE, DEFINE_SPAPR_MACHINE and DEFINE_CCW_MACHINE in hw/ put before them."""

_VERSIONED = re.compile(r"(?P<family>.+?)-(?P<version>[0-9]+(?:\.[0-9]+)+(?:[+~][^-]*)?)$")


def _split(machine: str) -> tuple[str, str]:
    match = _VERSIONED.match(machine)
    if match is not None:
        return match["family"], match["version"]
    for family in FAMILIES:
        if machine.startswith(f"{family}-"):
            return family, machine[len(family) + 1 :]
    return machine, ""


def machine_family(machine: str) -> str:
    """`pc-q35` of `pc-q35-7.2`; a machine type without a version is its own family."""
    return _split(machine)[0]


def machine_version(machine: str) -> str:
    """`7.2` of `pc-q35-7.2`, else the empty string."""
    return _split(machine)[1]


def machine_key(machine: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Sorts machine types by family, then oldest first."""
    family, version = _split(machine)
    return family, version_key(version)
