"""The target: which release of QEMU is meant, and the catalog that knows it.

A target is a release (`10.0`), a build of one (`10.0.13`), or a binary, which is asked for its
version. A release that the shipped catalog lacks is looked for in the user's own catalogs.
"""

from __future__ import annotations

import os

from machdesc.catalog.catalog import Catalog, MachineType, load_catalog
from machdesc.model.guest import Description


class UnknownTarget(Exception):
    """A target that is not known; the message says what is known and what to do."""


def release_of(words: str) -> str:
    """The release that `10.0` or `10.0.13` means; empty for anything else."""
    parts = words.split(".")
    is_version = len(parts) in (2, 3) and all(p.isascii() and p.isdecimal() for p in parts)
    return ".".join(parts[:2]) if is_version else ""


def find_target(
    qemu: str | None, arch: str = "x86_64", directory: str | None = None
) -> tuple[Catalog, str | None]:
    """The catalog and the release for what `--qemu` says; the release is None when it is None.

    `directory` is a catalog to use in place of the shipped one.

    :raises UnknownTarget: when the release is not known, the binary does not answer, or the
        catalog cannot be read.
    """
    qemu = qemu or os.environ.get("MACHDESC_QEMU") or None
    try:
        catalog = load_catalog(arch, directory)
    except (OSError, ValueError, KeyError) as unreadable:
        raise UnknownTarget(f"cannot read the catalog in {directory}: {unreadable}") from unreadable
    if qemu is None:
        return catalog, None
    release = release_of(qemu) or binary_release(qemu)
    if release not in catalog.releases and directory is None:
        from machdesc.catalog.location import user_path

        own = user_path()
        if (own / arch / "release" / f"{release}.json").exists():
            try:
                catalog = load_catalog(arch, str(own))
            except (OSError, ValueError, KeyError) as unreadable:
                raise UnknownTarget(f"cannot read the catalog in {own}: {unreadable}") from unreadable
    if release not in catalog.releases:
        known = ", ".join(catalog.releases)
        raise UnknownTarget(
            f"no catalog of QEMU {release}; there are {known}. Make one: machdesc harvest --qemu BINARY"
        )
    return catalog, release


def default_release(description: Description, catalog: Catalog, machine_types: tuple[str, ...] = ()) -> str:
    """The release to assume when none is named: the newest that has the machine type."""
    machine = known_machine(description, catalog, machine_types)
    return machine.releases[-1] if machine is not None else catalog.releases[-1]


def known_machine(
    description: Description, catalog: Catalog, machine_types: tuple[str, ...] = ()
) -> MachineType | None:
    """QEMU's machine type that a description names, by itself or by one of the user's own that follows it;
    of a machine type of the user's own, that which it follows. None when it is not known."""
    from machdesc.resolve.machine import machine_name

    statement = description.one("machine") or description.one("machine-type")
    if statement is None or statement.head is None:
        return None
    version = statement.version
    name = machine_name(catalog, statement.head.text, version.text) if version else statement.head.text
    machine = catalog.machine(name) if statement.keyword == "machine" else None
    if machine is not None or (version is None and catalog.machine_alias(name, catalog.releases[-1])):
        return machine
    from machdesc.resolve.variant import Shelf, chain_of, find_variants, root_of

    shelf = Shelf(description.source.name, description.files, machine_types)
    if statement.keyword == "machine":
        chain = find_variants(name, shelf, catalog)[0]
    else:
        chain = chain_of(description, shelf, catalog)[0]
    return root_of(chain, catalog) if chain else None


def binary_release(binary: str) -> str:
    """The release of a QEMU binary, as its `--version` tells.

    :raises UnknownTarget: when it cannot be run or is no QEMU.
    """
    import re
    import shlex
    import subprocess

    try:
        words = shlex.split(binary)
        answer = subprocess.run(
            [*words, "--version"], capture_output=True, text=True, errors="replace", timeout=30, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as failed:
        raise UnknownTarget(
            f"`{binary}` is neither a release nor a QEMU that can be run: {failed}"
        ) from failed
    match = re.search(r"QEMU emulator version (\d+\.\d+)", answer.stdout)
    if match is None:
        raise UnknownTarget(f"`{binary} --version` does not say that it is QEMU")
    return match[1]
