"""JSON Schemas (draft 2020-12): of one type at one release, and of a whole description.

A type's schema is the harvested one of `machines/`, reduced to what one release has. The
schema of a description is that of `machdesc compile --format json`; each device in it is held
against the schema of its type.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from machdesc.catalog.file import read_document
from machdesc.catalog.location import machines_path

DRAFT = "https://json-schema.org/draft/2020-12/schema"

KINDS = ("device", "object", "machine", "cpu")
"""Folders of type files, in the order in which a name is looked up."""

_SPANNED = ("bus", "offers", "parts", "parents", "user-creatable", "hotpluggable")


def find_type(name: str, arch: str = "x86_64", folder: Path | None = None) -> Path | None:
    """The file of a type, of whatever kind it is; None when there is none."""
    return next((path for path in _type_paths(arch, folder) if path.stem == name), None)


def type_names(arch: str = "x86_64", folder: Path | None = None) -> list[str]:
    """The names of all types that have a schema."""
    return sorted({path.stem for path in _type_paths(arch, folder)})


def _type_paths(arch: str, folder: Path | None) -> Iterator[Path]:
    """The files of all types. A name is looked for among them and never made into a path."""
    root = (folder or machines_path()) / arch
    for kind in KINDS:
        yield from (root / kind).glob("*.json")


def read_type(path: Path) -> dict[str, Any]:
    """A type's file: its schema over all releases."""
    schema: dict[str, Any] = read_document(path)
    return schema


def type_schema(whole: dict[str, Any], release: str) -> dict[str, Any] | None:
    """The schema of a type at a release, by itself; None when the release lacks the type."""
    own = whole["releases"]
    if release not in own:
        return None
    schema: dict[str, Any] = {
        "$schema": DRAFT,
        "$id": f"{whole['$id']}@{release}",
        "title": f"{whole['title']}@{release}",
    }
    if "description" in whole:
        schema["description"] = whole["description"]
    for key in _SPANNED:
        for span, value in whole.get(key, {}).items():
            if release in _span(span, own):
                schema[f"x-{key}"] = value
    schema["type"] = "object"
    schema["additionalProperties"] = False
    schema["properties"] = {
        name: found
        for name, entry in whole["properties"].items()
        if (found := _at_release(entry, release)) is not None
    }
    return schema


def _at_release(entry: dict[str, Any], release: str) -> dict[str, Any] | None:
    """The schema of a property at a release; None when the release lacks the property."""
    for variant in entry.get("anyOf", [entry]):
        if release in variant["releases"]:
            kept = {key: value for key, value in variant.items() if key != "releases"}
            if "qemu" in kept:
                kept["x-qemu"] = kept.pop("qemu")
            if "refers" in kept:
                kept["x-refers"] = kept.pop("refers")
            return kept
    return None


def _span(span: str, releases: list[str]) -> list[str]:
    first, _, last = span.partition("..")
    return releases[releases.index(first) : releases.index(last or first) + 1]


def description_schema(release: str, arch: str = "x86_64", folder: Path | None = None) -> dict[str, Any]:
    """The schema of a whole resolved description at a release, with all types in it.

    The properties of devices, objects, the machine and the CPU are held against their types.

    :raises OSError: when there is no catalog of the release.
    """
    root = (folder or machines_path()) / arch
    machines = read_document(root / "release" / f"{release}.json")["machines"]
    definitions: dict[str, Any] = {}
    names: dict[str, list[str]] = {}
    for kind in KINDS:
        for path in sorted((root / kind).glob("*.json")):
            schema = type_schema(read_type(path), release)
            if schema is not None:
                schema.pop("$schema")
                schema.pop("$id")
                definitions[f"{kind}:{path.stem}"] = schema
                names.setdefault(kind, []).append(path.stem)
    families = {
        family: [name for name, facts in machines.items() if facts["family"] == family]
        for family in names.get("machine", ())
    }
    cpus = [_reference("cpu", name) for name in names.get("cpu", ())]
    text, number, block = {"type": "string"}, {"type": "integer"}, {"type": "object"}
    definitions["a device"] = {
        "type": "object",
        "required": ["id", "type", "version", "bus", "address", "properties"],
        "additionalProperties": False,
        "properties": {
            "id": text,
            "type": {"enum": names.get("device", [])},
            "version": text,
            "bus": text,
            "address": text,
            "properties": block,
        },
        "allOf": [_if_type({"const": name}, "device", name) for name in names.get("device", ())],
    }
    definitions["an object"] = {
        "type": "object",
        "required": ["id", "type", "properties"],
        "properties": {"id": text, "type": {"enum": names.get("object", [])}, "properties": block},
        "allOf": [_if_type({"const": name}, "object", name) for name in names.get("object", ())],
    }
    statements = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["statement"],
            "properties": {"statement": text, "id": text, "properties": block},
            "if": {"properties": {"statement": {"const": "object"}}},
            "then": {"$ref": f"#/$defs/{_pointer('an object')}"},
        },
    }
    return {
        "$schema": DRAFT,
        "$id": f"machdesc:{arch}/description@{release}",
        "title": f"a guest at QEMU {release}",
        "type": "object",
        "required": ["machdesc", "arch", "release", "guest", "machine", "devices", "objects", "host"],
        "additionalProperties": False,
        "properties": {
            "machdesc": {"const": 1},
            "arch": {"const": arch},
            "release": {"const": release},
            "guest": {"type": "object", "required": ["name"], "properties": {"name": text, "uuid": text}},
            "machine": {
                "type": "object",
                "required": ["type", "properties"],
                "additionalProperties": False,
                "properties": {"type": {"enum": sorted(machines)}, "abi": text, "properties": block},
                "allOf": [_if_type({"enum": own}, "machine", name) for name, own in families.items() if own],
            },
            "cpu": {
                "type": "object",
                "required": ["model", "topology", "properties"],
                "additionalProperties": False,
                "properties": {
                    "model": text,
                    "topology": {"type": "object", "additionalProperties": number},
                    "properties": cpus[0] if cpus else block,
                },
            },
            "memory": {
                "type": "object",
                "required": ["size"],
                "additionalProperties": False,
                "properties": {"size": number, "slots": number, "max": number, "backend": text},
            },
            "devices": {"type": "array", "items": {"$ref": f"#/$defs/{_pointer('a device')}"}},
            "objects": {"type": "array", "items": {"$ref": f"#/$defs/{_pointer('an object')}"}},
            **dict.fromkeys(("numa", "smbios", "fw_cfg", "global", "boot", "rtc", "host"), statements),
        },
        "$defs": definitions,
    }


def _if_type(types: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    """Holds `properties` against a type's schema where `type` is one of `types`."""
    return {
        "if": {"properties": {"type": types}},
        "then": {"properties": {"properties": _reference(kind, name)}},
    }


def _reference(kind: str, name: str) -> dict[str, str]:
    """A reference to the schema of a type in the same document."""
    return {"$ref": f"#/$defs/{_pointer(f'{kind}:{name}')}"}


def _pointer(name: str) -> str:
    """A name as a part of a JSON pointer in a URI."""
    return quote(name.replace("~", "~0").replace("/", "~1"))
