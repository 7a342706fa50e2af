"""Prints the JSON Schema of a type at a release, or of a whole description."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from machdesc.catalog.catalog import load_catalog
from machdesc.cli.report import fail
from machdesc.diagnostic import did_you_mean
from machdesc.schema.document import description_schema, find_type, read_type, type_names, type_schema


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument(
        "type",
        nargs="?",
        metavar="TYPE[@RELEASE]",
        help="a type of device or object, a family of machine types, x86_64-cpu, "
        "or `document` for a whole description (default release: the newest that has it)",
    )
    parser.add_argument("--list", action="store_true", help="print the names of all types")
    parser.add_argument("--catalog", metavar="DIR", help="use this harvested catalog")


def run(arguments: Namespace) -> int:
    """Prints one schema; 2 when there is none of that name."""
    folder = Path(arguments.catalog) if arguments.catalog else None
    if arguments.list:
        print("\n".join(type_names(folder=folder)))
        return 0
    if not arguments.type:
        fail("name a type, such as virtio-net-pci@7.2, or use --list")
    name, _, release = arguments.type.partition("@")
    catalog = load_catalog()
    if name == "document":
        release = release or catalog.releases[-1]
        if release not in catalog.releases:
            fail(f"no catalog of QEMU {release}; there are {', '.join(catalog.releases)}")
        return _print(description_schema(release))
    for known in reversed(catalog.releases):
        if find_type(name, folder=folder) is None:
            name = catalog.device_alias(name, known) or name
    path = find_type(name, folder=folder)
    if path is None:
        hint = did_you_mean(name, type_names(folder=folder))
        fail(f"no known QEMU has a type `{name}`" + (f"; {hint}" if hint else ""))
    whole = read_type(path)
    schema = type_schema(whole, release or whole["releases"][-1])
    if schema is None:
        fail(f"`{name}` is not known at {release}; QEMU {', '.join(whole['releases'])} has it")
    return _print(schema)


def _print(schema: dict[str, object]) -> int:
    json.dump(schema, sys.stdout, indent=2, ensure_ascii=False)
    print()
    return 0
