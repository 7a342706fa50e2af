"""JSON Schemas (draft 2020-12): of one type at one release, and of a whole description.

A type's schema is the harvested one of `machines/`, reduced to what one release has. The
schema of a description is that of `machdesc compile --format json`; each device in it is held
against the schema of its type.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from machdesc.catalog.location import machines_path

DRAFT = "https://json-schema.org/draft/2020-12/schema"

KINDS = ("device", "object", "machine", "cpu")
"""Folders of type files, in the order in which a name is looked up."""

_SPANNED = ("bus", "offers", "parts", "parents", "user-creatable", "hotpluggable")


def find_type(name: str, arch: str = "x86_64", folder: Path | None = None) -> Path | None:
    """The file of a type, of whatever kind it is; None when there is none."""
    root = (folder or machines_path()) / arch
    for kind in KINDS:
        path = root / kind / f"{name}.json"
        if path.is_file() and path.parent == root / kind:
            return path
    return None


def type_names(arch: str = "x86_64", folder: Path | None = None) -> list[str]:
    """The names of all types that have a schema."""
    root = (folder or machines_path()) / arch
    return sorted(path.stem for kind in KINDS for path in (root / kind).glob("*.json"))


def read_type(path: Path) -> dict[str, Any]:
    """A type's file: its schema over all releases."""
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
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


def description_schema(release: str, arch: str = "x86_64") -> dict[str, Any]:
    """The schema of a whole resolved description at a release, with all device types in it."""
    root = machines_path() / arch
    definitions: dict[str, Any] = {}
    choices = []
    for path in sorted((root / "device").glob("*.json")):
        schema = type_schema(read_type(path), release)
        if schema is None:
            continue
        name = path.stem
        definitions[name] = {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
        choices.append(
            {
                "if": {"properties": {"type": {"const": name}}},
                "then": {"properties": {"properties": {"$ref": f"#/$defs/{_pointer(name)}"}}},
            }
        )
    text, number, block = {"type": "string"}, {"type": "integer"}, {"type": "object"}
    device = {
        "type": "object",
        "required": ["id", "type", "version", "bus", "address", "properties"],
        "additionalProperties": False,
        "properties": {
            "id": text,
            "type": {"enum": sorted(definitions)},
            "version": text,
            "bus": text,
            "address": text,
            "properties": block,
        },
        "allOf": choices,
    }
    statements = {"type": "array", "items": block}
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
                "properties": {"type": text, "properties": block},
            },
            "cpu": {
                "type": "object",
                "required": ["model", "topology", "properties"],
                "properties": {
                    "model": text,
                    "topology": {"type": "object", "additionalProperties": number},
                    "properties": block,
                },
            },
            "memory": {
                "type": "object",
                "required": ["size"],
                "properties": {"size": number, "slots": number, "max": number, "backend": text},
            },
            "devices": {"type": "array", "items": device},
            "objects": statements,
            **dict.fromkeys(("numa", "smbios", "fw_cfg", "global", "boot", "rtc", "host"), statements),
        },
        "$defs": definitions,
    }


def _pointer(name: str) -> str:
    """A name as a part of a JSON pointer in a URI."""
    from urllib.parse import quote

    return quote(name.replace("~", "~0").replace("/", "~1"))
