"""The target: which release of QEMU is meant, and the catalog that knows it.

A target is a release (`10.0`), a build of one (`10.0.13`), or a binary, which is asked for its
version. A release that the shipped catalog lacks is looked for in the user's own catalogs.
"""

from __future__ import annotations

import os

from machdesc.catalog.catalog import Catalog, MachineType, is_shipped, load_catalog
from machdesc.model.guest import Description

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


_PATIENCE_SECONDS = 30.0


class UnknownTarget(Exception):
    """A target that is not known; the message says what is known and what to do."""


def release_of(words: str) -> str:
    """The release that `10.0`, `10.0.13` or `10.0+acme` means; empty for anything else."""
    numbers, plus, word = words.partition("+")
    parts = numbers.split(".")
    is_version = len(parts) in (2, 3) and all(p.isascii() and p.isdecimal() for p in parts)
    if plus and not (word.isascii() and word.replace(".", "").replace("-", "").isalnum()):
        return ""
    return ".".join(parts[:2]) + plus + word if is_version else ""


def find_target(
    qemu: str | None, arch: str = "x86_64", directory: str | None = None
) -> tuple[Catalog, str | None]:
    """The catalog and the release for what `--qemu` says; the release is None when it is None.

    `directory` is a catalog to use in place of the shipped one.

    :raises UnknownTarget: when the release is not known, the binary does not answer or emulates another
        architecture, or the catalog cannot be read.
    """
    qemu = qemu or os.environ.get("MACHDESC_QEMU") or None
    if qemu is None:
        return _load(arch, directory), None
    release = release_of(qemu)
    return find_build(release, "", arch, directory) if release else find_binary(qemu, arch, directory)


def find_build(
    release: str, package: str, arch: str = "x86_64", directory: str | None = None
) -> tuple[Catalog, str]:
    """The catalog and the release for a QEMU that told its release and what its packager added, such as
    `10.0` and `Debian 1:10.0.13+ds-0+deb13u1`: over QMP, or by `--version`.

    :raises UnknownTarget: when the release is not known, or the catalog cannot be read.
    """
    catalog = _load(arch, directory)
    if package or release not in catalog.releases:
        from pathlib import Path

        from machdesc.catalog.location import own_paths

        for folder in own_paths() if directory is None else [Path(directory)]:
            named = _release_in(folder / arch / "release", release, package)
            if named and (named != release or release not in catalog.releases):
                return _load(arch, str(folder)), named
    if release not in catalog.releases:
        known = ", ".join(catalog.releases)
        raise UnknownTarget(
            f"no catalog of QEMU {release}; there are {known}. Make one: machdesc harvest --qemu BINARY"
        )
    return catalog, release


def _load(arch: str, directory: str | None) -> Catalog:
    try:
        return load_catalog(arch, directory)
    except (OSError, ValueError) as unreadable:
        from machdesc.catalog.damage import DamagedCatalog

        if isinstance(unreadable, DamagedCatalog):
            raise UnknownTarget(str(unreadable)) from unreadable
        where = f"cannot read the catalog in {directory}: " if directory is not None else ""
        raise UnknownTarget(f"{where}{unreadable}") from unreadable


def _release_in(folder: Path, release: str, package: str) -> str:
    """The release by which a folder of a catalog knows a release, or a binary: by the name that harvest was
    given for its very package, or else by the number. Empty when it does not."""
    for path in sorted(folder.glob(f"{release}+*.json")) if package else ():
        from machdesc.catalog.damage import read_file

        try:
            if read_file(path, {"package": str})["package"] == package:
                return path.stem
        except (OSError, ValueError) as unreadable:
            raise UnknownTarget(str(unreadable)) from unreadable
    return release if os.path.exists(folder / f"{release}.json") else ""


def newest_target(
    description: Description, catalog: Catalog, machine_types: tuple[str, ...] = ()
) -> tuple[Catalog, str]:
    """The catalog and the release to assume when none is named: the newest release that has the machine
    type. When the shipped catalog does not know it, one of the user's own may.

    :raises UnknownTarget: when one of them cannot be read.
    """
    machine = known_machine(description, catalog, machine_types)
    if machine is not None:
        return catalog, machine.releases[-1]
    statement = description.one("machine")
    word = statement.head.text if statement is not None and statement.head is not None else ""
    versioned = statement is not None and statement.version is not None
    alias = not versioned and catalog.machine_alias(word, catalog.releases[-1])
    if word and not alias and is_shipped(catalog):
        from machdesc.catalog.location import own_paths

        for folder in own_paths():
            if (folder / catalog.arch / "release").is_dir():
                other = _load(catalog.arch, str(folder))
                machine = known_machine(description, other, machine_types)
                if machine is not None:
                    return other, machine.releases[-1]
    return catalog, catalog.releases[-1]


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


def find_binary(
    binary: str, arch: str = "x86_64", directory: str | None = None, patience: float = _PATIENCE_SECONDS
) -> tuple[Catalog, str]:
    """The catalog and the release of a QEMU binary, which may be several words. It is asked for its version
    and its architecture, and has up to `patience` seconds for each answer.

    :raises UnknownTarget: when it cannot be run, does not answer, is no QEMU or one for another architecture
        than `arch`, and as `find_build` does.
    """
    from machdesc.binary import NoQemu, ask_binary

    try:
        build = ask_binary(binary, patience)
    except NoQemu as failed:
        raise UnknownTarget(str(failed)) from failed
    require_arch(f"`{binary}`", build.arch, arch)
    return find_build(build.release, build.package, arch, directory)


def require_arch(qemu: str, arch: str, wanted: str) -> None:
    """Checks that a QEMU, as a message calls it, emulates the architecture that descriptions are for.

    :raises UnknownTarget: when it emulates another.
    """
    if arch != wanted:
        raise UnknownTarget(
            f"{qemu} emulates {arch}, and the description is for {wanted}: name a qemu-system-{wanted}"
        )
