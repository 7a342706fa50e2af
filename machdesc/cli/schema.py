"""Prints the JSON Schema of a type at a release, or of a whole description."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from machdesc.catalog.catalog import load_catalog
from machdesc.check.report.json import schema_path
from machdesc.cli.report import fail
from machdesc.diagnostic import did_you_mean
from machdesc.schema.document import description_schema, find_type, read_type, type_names, type_schema
from machdesc.target import release_of

if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog


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
    parser.add_argument("--catalog", metavar="DIR", help="use this harvested catalog")


def run(arguments: Namespace) -> int:
    """Prints one schema, or all names; 2 when there is no schema of that name."""
    folder = Path(arguments.catalog) if arguments.catalog else None
    try:
        catalog = load_catalog(directory=arguments.catalog)
    except (OSError, ValueError, KeyError) as unreadable:
        fail(f"cannot read the catalog in {arguments.catalog}: {unreadable}")
    if arguments.list:
        print("\n".join(type_names(folder=folder)))
        return 0
    name, at, word = (arguments.type or "").partition("@")
    if not name:
        fail("name a type, such as virtio-net-pci@7.2, or use --list")
    release = release_of(word) or word
    if at and not release:
        fail(f"`{arguments.type}` ends where a release should stand, such as {name}@{catalog.releases[-1]}")
    if release and release not in catalog.releases:
        fail(f"no catalog of QEMU {release}; there are {', '.join(catalog.releases)}")
    if name == "check-report":
        return _print(json.loads(Path(schema_path()).read_text(encoding="utf-8")))
    if name == "document":
        return _print(description_schema(release or catalog.releases[-1], folder=folder))
    path = find_type(name, folder=folder)
    if path is None:
        target = _alias(catalog, name, release)
        path = find_type(target, folder=folder) if target else None
    if path is None:
        hint = did_you_mean(name, [*type_names(folder=folder), "document", "check-report"])
        fail(f"no known QEMU has a type `{name}`" + (f"; {hint}" if hint else ""))
    whole = read_type(path)
    schema = type_schema(whole, release or whole["releases"][-1])
    if schema is None:
        fail(f"QEMU {release} has no `{name}`; there is one in {', '.join(whole['releases'])}")
    return _print(schema)


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


def _print(schema: dict[str, object]) -> int:
    json.dump(schema, sys.stdout, indent=2, ensure_ascii=False)
    print()
    return 0
