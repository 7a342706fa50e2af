"""Prints the JSON Schema of a type at a release, or of a whole description."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from machdesc.catalog.catalog import Catalog, load_catalog
from machdesc.catalog.location import user_path
from machdesc.check.report.json import schema_path
from machdesc.cli.output import JSON, emit, put
from machdesc.cli.report import fail
from machdesc.diagnostic import did_you_mean
from machdesc.json_text import json_text
from machdesc.schema.document import description_schema, find_type, read_type, type_names, type_schema
from machdesc.target import release_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument(
        "type",
        nargs="?",
        metavar="TYPE[@RELEASE]",
        help="a type of device or object, a family of machine types, x86_64-cpu, "
        "`document` for a whole description, or `check-report` for what `check --format json` prints "
        "(default release: the newest that has it)",
    )
    parser.add_argument("--list", action="store_true", help="print the names of all types")
    parser.add_argument(
        "--catalog", metavar="DIR", help="use this harvested catalog (default: the shipped and your own)"
    )


def run(arguments: Namespace) -> int:
    """Prints one schema, or all names; 2 when there is no schema of that name."""
    if arguments.list:
        put(*sorted(_names(arguments)))
        return 0
    name, at, word = (arguments.type or "").partition("@")
    if not name:
        fail("name a type, such as virtio-net-pci@7.2, or use --list")
    release = release_of(word) or word
    if at and not release:
        example = f"{name}@{load_catalog().releases[-1]}"
        fail(f"`{arguments.type}` ends where a release should stand, such as {example}")
    schema = _find(arguments, name, release)
    if schema is None:
        hint = did_you_mean(name, [*_names(arguments), "document", "check-report"])
        fail(f"no known QEMU has a type `{name}`" + (f"; {hint}" if hint else ""))
    emit(json_text(schema), JSON)
    return 0


def _find(arguments: Namespace, name: str, release: str) -> dict[str, Any] | None:
    """The schema on the first shelf that has it; ends the command when none has the release."""
    known: list[str] = []
    for shelf in _shelves(arguments):
        known += (other for other in shelf.catalog.releases if other not in known)
        if release and release not in shelf.catalog.releases:
            continue
        schema = _schema(shelf, name, release)
        if schema is not None:
            return schema
    if release and release not in known:
        fail(f"no catalog of QEMU {release}; there are {', '.join(known)}")
    return None


@dataclass(frozen=True)
class _Shelf:
    """A catalog, and the folder that its schemas lie in; None is the shipped one."""

    folder: Path | None
    catalog: Catalog


def _shelves(arguments: Namespace) -> Iterator[_Shelf]:
    """Where types are looked for: the catalog that is asked for, or the shipped and the user's own."""
    if arguments.catalog is not None:
        yield _load(Path(arguments.catalog))
        return
    yield _load(None)
    own = user_path()
    if (own / "x86_64" / "release").is_dir():
        yield _load(own)


def _load(folder: Path | None) -> _Shelf:
    try:
        return _Shelf(folder, load_catalog(directory=str(folder) if folder is not None else None))
    except (OSError, ValueError, KeyError) as unreadable:
        fail(f"cannot read the catalog in {folder}: {unreadable}")


def _names(arguments: Namespace) -> set[str]:
    """The names of all types that have a schema."""
    return {name for shelf in _shelves(arguments) for name in type_names(folder=shelf.folder)}


def _schema(shelf: _Shelf, name: str, release: str) -> dict[str, Any] | None:
    """The schema that a name means, by default at the newest release that has it; None when unknown."""
    if name == "check-report":
        report: dict[str, Any] = json.loads(Path(schema_path()).read_text(encoding="utf-8"))
        return report
    if name == "document":
        return description_schema(release or shelf.catalog.releases[-1], folder=shelf.folder)
    path = find_type(name, folder=shelf.folder)
    if path is None:
        target = _alias(shelf.catalog, name, release)
        path = find_type(target, folder=shelf.folder) if target else None
    if path is None:
        return None
    whole = read_type(path)
    schema = type_schema(whole, release or whole["releases"][-1])
    if schema is None:
        fail(f"QEMU {release} has no `{name}`; there is one in {', '.join(whole['releases'])}")
    return schema


def _alias(catalog: Catalog, name: str, release: str) -> str:
    """What a name that is no type's own means: of devices, machine types or their aliases.

    Without a release, the newest that knows the name decides. Empty when none does.
    """
    for known in [release] if release else reversed(catalog.releases):
        device = catalog.device_alias(name, known)
        machine = catalog.machine(catalog.machine_alias(name, known) or name)
        if device or machine:
            return device or (machine.family if machine else "")
    return ""
