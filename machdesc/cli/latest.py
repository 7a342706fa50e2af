"""Prints the newest machine type: of one name, such as q35, or of all."""

from __future__ import annotations

from machdesc.catalog.version import is_numbered, version_key
from machdesc.cli.output import put
from machdesc.cli.report import fail, target
from machdesc.cli.table import aligned
from machdesc.diagnostic import did_you_mean
from machdesc.target import release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from machdesc.catalog.catalog import Catalog


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument(
        "machine",
        nargs="?",
        metavar="MACHINE",
        help="an alias, such as q35 or pc, or a family, such as pc-i440fx (default: all aliases)",
    )
    parser.add_argument(
        "--qemu",
        metavar="RELEASE|BINARY",
        help="a release whose catalog is asked, such as 10.0, or a QEMU, which is asked itself "
        "(default: MACHDESC_QEMU, or the newest release of the catalog)",
    )
    parser.add_argument("--catalog", metavar="DIR", help="use this harvested catalog")
    parser.add_argument(
        "--catalogs", action="store_true", help="list the catalogs that are found, and their releases"
    )


def run(arguments: Namespace) -> int:
    """Prints a name alone, or a line for each alias; 2 when there is no such machine type."""
    import os

    if arguments.catalogs:
        put(*_catalogs())
        return 0
    asked = arguments.qemu or os.environ.get("MACHDESC_QEMU") or ""
    if asked and not release_of(asked) and arguments.catalog is None:
        aliases, names = _of_binary(asked)
    else:
        catalog, release = target(arguments)
        aliases, names = _of_release(catalog, release or catalog.releases[-1])
    if arguments.machine is None:
        put(*aligned(sorted(aliases.items())))
        return 0
    found = _newest(arguments.machine, aliases, names)
    if not found:
        families = dict.fromkeys(names.values())
        hint = did_you_mean(arguments.machine, [*aliases, *families])
        fail(
            f"no machine type is called `{arguments.machine}`; " + (hint or f"there are {', '.join(aliases)}")
        )
    put(found)
    return 0


def _newest(word: str, aliases: Mapping[str, str], names: Mapping[str, str]) -> str:
    """What an alias means, or else the newest of a family; `names` are machine types and their families."""
    if word in aliases:
        return aliases[word]
    members = [name for name, family in names.items() if family in (word, f"pc-{word}")]
    return max(members, key=lambda name: (is_numbered(name), version_key(name)), default="")


def _of_release(catalog: Catalog, release: str) -> tuple[dict[str, str], dict[str, str]]:
    """The aliases of a release, and its machine types with their families."""
    having = [machine for machine in catalog.machines() if release in machine.releases]
    aliases = {machine.facts(release).alias: machine.name for machine in having}
    return {a: n for a, n in aliases.items() if a}, {machine.name: machine.family for machine in having}


def _of_binary(binary: str) -> tuple[dict[str, str], dict[str, str]]:
    """The same, as a QEMU tells it over QMP."""
    import asyncio
    import shlex

    from machdesc.ending import ended_in_order
    from machdesc.harvest.version import machine_family
    from machdesc.live.child import QemuFailure
    from machdesc.live.conversation import start_conversation

    async def ask() -> list[dict[str, str]]:
        async with start_conversation(words, "-machine", "none", "-accel", "tcg") as qemu:
            told: list[dict[str, str]] = await qemu.ask("query-machines")
            return told

    try:
        words = shlex.split(binary)
        with ended_in_order():
            machines = asyncio.run(ask())
    except (QemuFailure, ValueError, OSError) as failed:
        fail(f"`{binary}` is neither a release nor a QEMU that answers: {failed}")
    aliases = {machine["alias"]: machine["name"] for machine in machines if "alias" in machine}
    return aliases, {machine["name"]: machine_family(machine["name"]) for machine in machines}


def _catalogs() -> list[str]:
    """A line for each release of each catalog: its folder, the release, the build, and who packaged it."""
    from machdesc.catalog.damage import read_file
    from machdesc.catalog.location import machines_path, own_paths

    rows: list[tuple[str, ...]] = [("QEMU", "build", "package", "catalog")]
    for folder in (machines_path(), *own_paths()):
        paths = sorted(folder.glob("*/release/*.json"), key=lambda path: version_key(path.stem))
        for path in paths:
            try:
                told = read_file(path, {"build": str, "package": str})
                rows.append((path.stem, told["build"], told["package"] or "-", str(path.parents[1])))
            except (OSError, ValueError) as unreadable:
                fail(str(unreadable))
    return aligned(rows)
