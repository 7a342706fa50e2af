"""The verdict of `jsonschema` on a block: what the tables are held against.

The tables of `machdesc.schema.validate` decide in every run, since jsonschema costs nine times
Python's own start to import; it decides by the schema itself, and says all that it finds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from machdesc.schema.validate import json_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.catalog.catalog import DeviceType
    from machdesc.syntax.tree import Property


def explain(
    schema: dict[str, Any], owner: DeviceType, release: str, properties: Iterable[Property]
) -> list[tuple[str, str]]:
    """All that jsonschema finds in a block: the property's name, and its message."""
    known = owner.properties(release)
    items = list(properties)
    instance = {item.name: json_value(known.get(item.name), item.value) for item in items}
    validator = Draft202012Validator(schema)
    found = []
    for fault in validator.iter_errors(instance):
        if fault.absolute_path:
            found.append((str(fault.absolute_path[0]), fault.message))
        else:
            found += [(name, fault.message) for name in instance if name not in schema["properties"]]
    return sorted(set(found))
