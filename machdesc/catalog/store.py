"""Reads a folder of harvested files into tables.

The tables are plain tuples, so that they can be written out as a module and read back at next
to no cost. A set of releases is a mask: bit n stands for `RELEASES[n]`.

- RELEASES: releases, oldest first; BUILDS: their builds.
- SHAPES: (kind, low, high, enum, qemu, default, refers) of each distinct shape of a property.
- PROPERTIES: the names of each distinct property, a line for each, and the numbers of their shapes.
- MASKS: each distinct mask of the properties of a type.
- TYPES: for `device`, `object`, `machine` (by family) and `cpu`, a row for each type:
  (name, mask, bus, offers, parts, creatable, hotpluggable, properties). `bus` to `hotpluggable`
  are tuples of (mask, value); `properties` are two numbers for each, of its mask and its own.
- TREE: (type, parent, mask) of all QOM types.
- MACHINES: (name, family, ((mask, facts), …)); FACTS: (alias, deprecated, default, cpu_max,
  default_cpu, default_ram_id, hotpluggable_cpus, buses, builtin, defaults).
- DEVICE_ALIASES: (alias, type, mask).
- EXPRESS: (types, mask): the names of device types for PCI Express, with spaces between, and the
  releases that have these.
- CPUS: (name, ((mask, (alias_of, deprecated, versions)), …)).
- COMPAT: (release, machine, ((driver, property, value), …)), the entries by which its list
  extends that of the next newer machine type of its family, or of the one that it follows.
- FOLLOWS: (release, machine, base) of machine types whose version is a distribution's word.

Numbers that come by the thousand are texts, a character for each (`number_text`): such a text is
read back in no time, and a tuple of as many numbers is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from machdesc.catalog.damage import read_layouts_file, read_release, read_type
from machdesc.catalog.version import version_key

KINDS = ("device", "object", "machine", "cpu")
"""Folders of type files."""


FIRST_CHARACTER = 0x100
"""The character that stands for number 0 in a text of numbers."""

_PAST_LAST = 0xD800
"""Surrogates, which no file can hold."""


def number_text(numbers: Iterable[int]) -> str:
    """A text that holds numbers from 0 on, each as a character.

    :raises ValueError: when a number is too large for that.
    """
    text = "".join(chr(FIRST_CHARACTER + number) for number in numbers)
    if text and ord(max(text)) >= _PAST_LAST:
        raise ValueError("more properties, or spans of releases, than this form can hold")
    return text


def read_tables(folder: Path) -> dict[str, Any]:
    """The tables of one architecture's folder, by name.

    :raises OSError: when it cannot be read.
    :raises DamagedCatalog: when a file in it is not as `harvest` writes it; also one of those that are read
        later.
    """
    files = [read_release(path) for path in sorted((folder / "release").glob("*.json"))]
    if not files:
        raise FileNotFoundError(f"no harvested release in {folder / 'release'}")
    files.sort(key=lambda file: version_key(file["release"]))
    releases = tuple(file["release"] for file in files)
    bits = {release: 1 << number for number, release in enumerate(releases)}
    properties: dict[tuple[Any, ...], int] = {}
    masks: dict[int, int] = {}
    types = {
        kind: tuple(
            _type_row(read_type(path, bits), bits, properties, masks)
            for path in sorted((folder / kind).glob("*.json"))
        )
        for kind in KINDS
    }
    for path in sorted((folder / "vmstate").glob("*.json")):
        read_layouts_file(path)
    shapes: dict[tuple[Any, ...], int] = {}
    shape_numbers = number_text(shapes.setdefault(tuple(row[1:]), len(shapes)) for row in properties)
    return {
        "ARCH": folder.name,
        "RELEASES": releases,
        "BUILDS": tuple(file["build"] for file in files),
        "SHAPES": tuple(shapes),
        "PROPERTIES": ("\n".join(row[0] for row in properties), shape_numbers),
        "MASKS": tuple(masks),
        "TYPES": types,
        "TREE": _merged(
            ((name, parent), bits[file["release"]])
            for file in files
            for name, parent in file["types"].items()
        ),
        **_machines(files, bits),
        "DEVICE_ALIASES": _merged(
            ((alias, name), bits[file["release"]])
            for file in files
            for alias, name in file["device-aliases"].items()
        ),
        "EXPRESS": _express(files, bits),
        "CPUS": _by_name(
            (name, bits[file["release"]], _cpu(facts))
            for file in files
            for name, facts in file["cpus"].items()
        ),
        "FOLLOWS": tuple(
            (file["release"], machine, base)
            for file in files
            for machine, base in sorted(file.get("follows", {}).items())
        ),
        "COMPAT": tuple(
            (file["release"], machine, tuple(tuple(entry) for entry in entries))
            for file in files
            for machine, entries in sorted(file.get("compat", {}).items())
        ),
    }


def _express(files: list[dict[str, Any]], bits: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """The types for PCI Express by the releases that have them; none of a release that does not tell."""
    masks = _merged(((name,), bits[file["release"]]) for file in files for name in file.get("express", ()))
    names: dict[int, list[str]] = {}
    for name, mask in masks:
        names.setdefault(mask, []).append(name)
    return tuple((" ".join(names[mask]), mask) for mask in sorted(names))


def _type_row(
    file: dict[str, Any],
    bits: dict[str, int],
    properties: dict[tuple[Any, ...], int],
    masks: dict[int, int],
) -> tuple[Any, ...]:
    """The row of one type; its properties, and their masks, are added to those that are known."""
    own = file["releases"]
    numbers = []
    for name, schema in file["properties"].items():
        merged: dict[tuple[Any, ...], int] = {}
        for variant in schema.get("anyOf", [schema]):
            row = _property_row(name, variant)
            merged[row] = merged.get(row, 0) | _mask(variant["releases"], bits)
        for row, mask in merged.items():
            numbers.append(masks.setdefault(mask, len(masks)))
            numbers.append(properties.setdefault(row, len(properties)))
    spans = (
        tuple(
            (_mask(_span(key, own), bits), tuple(value.items()) if isinstance(value, dict) else value)
            for key, value in file.get(name, {}).items()
        )
        for name in ("bus", "offers", "parts", "user-creatable", "hotpluggable")
    )
    return (file["title"], _mask(own, bits), *spans, number_text(numbers))


def _property_row(name: str, schema: dict[str, Any]) -> tuple[Any, ...]:
    """The name of a property, and its shape."""
    kind = {"boolean": "bool", "integer": "int", "string": "str", "number": "number"}.get(
        schema.get("type", ""), "any"
    )
    if kind == "int" and schema.get("qemu") == "size":
        kind = "size"
    if "enum" in schema:
        kind = "enum"
    default = schema.get("default")
    if isinstance(default, (list, dict)):
        default = None
    return (
        name,
        kind,
        schema.get("minimum"),
        schema.get("maximum"),
        tuple(schema.get("enum", ())),
        schema.get("qemu", ""),
        default,
        schema.get("refers", ""),
    )


def _span(key: str, releases: list[str]) -> list[str]:
    """The releases of a span `A..B` or `A`."""
    first, _, last = key.partition("..")
    return releases[releases.index(first) : releases.index(last or first) + 1]


def _mask(releases: list[str], bits: dict[str, int]) -> int:
    return sum(bits[release] for release in releases)


def _machines(files: list[dict[str, Any]], bits: dict[str, int]) -> dict[str, Any]:
    facts: dict[tuple[Any, ...], int] = {}
    rows = []
    for file in files:
        for name, machine in file["machines"].items():
            row = (
                machine.get("alias", ""),
                machine.get("deprecated", False),
                machine.get("default", False),
                machine.get("cpu-max", 0),
                machine.get("default-cpu-type", ""),
                machine.get("default-ram-id", ""),
                machine.get("hotpluggable-cpus", False),
                tuple(machine.get("buses", {}).items()),
                tuple(machine.get("builtin", {}).items()),
                tuple(
                    (k, v)
                    for k, v in machine.get("properties", {}).items()
                    if not isinstance(v, (list, dict))
                ),
            )
            number = facts.setdefault(row, len(facts))
            rows.append(((name, machine["family"]), bits[file["release"]], number))
    merged = _by_name(rows)
    return {
        "MACHINES": tuple((name, family, spans) for (name, family), spans in merged),
        "FACTS": tuple(facts),
    }


def _cpu(facts: dict[str, Any]) -> tuple[Any, ...]:
    return facts.get("alias-of", ""), facts.get("deprecated", False), tuple(facts.get("versions", ()))


def _merged(items: Any) -> tuple[tuple[Any, ...], ...]:
    """Keys and masks -> rows of a key's parts and the union of its masks, sorted."""
    merged: dict[tuple[Any, ...], int] = {}
    for key, mask in items:
        merged[key] = merged.get(key, 0) | mask
    return tuple((*key, merged[key]) for key in sorted(merged))


def _by_name(items: Any) -> tuple[tuple[Any, Any], ...]:
    """(name, mask, value) -> (name, ((mask, value), …)), masks of equal values united, sorted."""
    merged: dict[Any, dict[Any, int]] = {}
    for name, mask, value in items:
        values = merged.setdefault(name, {})
        values[value] = values.get(value, 0) | mask
    return tuple(
        (name, tuple((mask, value) for value, mask in merged[name].items())) for name in sorted(merged)
    )
