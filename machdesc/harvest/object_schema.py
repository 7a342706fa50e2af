"""What QMP's own schema says of the properties of objects: since 6.0 `object-add` describes them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Entries = Mapping[str, Mapping[str, Any]]
"""The answer to query-qmp-schema, by name."""


def describes_objects(told: Entries) -> bool:
    """Whether the schema describes objects at all."""
    return "variants" in _options(told)


def member_type(told: Entries, object_type: str, name: str) -> Mapping[str, Any] | None:
    """The schema's entry for the type of an object's property; None where it has none."""
    options = _options(told)
    branches = {variant["case"]: variant["type"] for variant in options.get("variants", ())}
    entry = told.get(branches.get(object_type, ""), {})
    for member in (*entry.get("members", ()), *options.get("members", ())):
        if member["name"] == name:
            return told[member["type"]]
    return None


def entries(schema: Iterable[Mapping[str, Any]]) -> Entries:
    """The answer to query-qmp-schema, by name."""
    return {entry["name"]: entry for entry in schema}


def _options(told: Entries) -> Mapping[str, Any]:
    return told.get(told.get("object-add", {}).get("arg-type", ""), {})
