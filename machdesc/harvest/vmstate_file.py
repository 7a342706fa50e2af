"""The file of one release's layouts of saved states: which section each type saves, and what is in it.

QEMU's dump repeats a description wherever it is used, some hundreds of times in all; here it stands
once, by its name, and a number behind it where a release has several of one name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_MACHINE = "vmschkmachine"
"""An entry of the dump that is no section: it names the machine type that QEMU was started with."""


def resolve_layouts(release: str, build: str, dump: Mapping[str, Any]) -> dict[str, Any]:
    """The file's value, of a dump as `-dump-vmstate` writes it.

    :raises KeyError: when it is none.
    """
    descriptions: dict[str, dict[str, Any]] = {}
    sections = {
        name: _place(entry["Description"], descriptions)
        for name, entry in sorted(dump.items())
        if name != _MACHINE
    }
    return {
        "release": release,
        "build": build,
        "sections": sections,
        "descriptions": dict(sorted(descriptions.items())),
    }


def emit_layouts(value: Mapping[str, Any]) -> str:
    """The file's text: a line for each section and for each field."""
    lines = ["{"]
    lines += [f"  {_text(key)}: {_text(value[key])}," for key in ("release", "build")]
    lines.append('  "sections": {')
    lines.append(",\n".join(f"    {_text(name)}: {_text(key)}" for name, key in value["sections"].items()))
    lines += ["  },", '  "descriptions": {']
    lines.append(",\n".join(_description(name, item) for name, item in value["descriptions"].items()))
    lines += ["  }", "}", ""]
    return "\n".join(lines)


def _place(told: Mapping[str, Any], descriptions: dict[str, dict[str, Any]]) -> str:
    """The key of a description, which is added unless it is there already."""
    value: dict[str, Any] = {"version": told["version_id"], "minimum": told["minimum_version_id"]}
    if "Fields" in told:
        value["fields"] = [_field(field, descriptions) for field in told["Fields"]]
    if told.get("Subsections"):
        value["subsections"] = [_place(inner, descriptions) for inner in told["Subsections"]]
    key, number = told["name"], 1
    while descriptions.setdefault(key, value) != value:
        number += 1
        key = f"{told['name']}#{number}"
    return str(key)


def _field(told: Mapping[str, Any], descriptions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    value = {"field": told["field"], "size": told["size"]}
    if "num" in told:
        value["num"] = told["num"]
    if told["version_id"]:
        value["version"] = told["version_id"]
    if told["field_exists"]:
        value["conditional"] = True
    if "Description" in told:
        value["of"] = _place(told["Description"], descriptions)
    return value


def _description(name: str, value: Mapping[str, Any]) -> str:
    parts = [f'"version": {value["version"]}, "minimum": {value["minimum"]}']
    if "fields" in value:
        lines = ",\n".join(f"      {_text(field)}" for field in value["fields"])
        parts.append(f'"fields": [\n{lines}\n    ]')
    if "subsections" in value:
        parts.append(f'"subsections": {_text(value["subsections"])}')
    return f"    {_text(name)}: {{{', '.join(parts)}}}"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
