"""Emission of `-object`: the three ways in which QEMU reads one, and when which is right.

On the command line key=value is read by the options' visitor, for which a list is a repeated key
and a block cannot be said; a configuration file is read by keyval, for which a list has numbered
keys (system/vl.c). So an object with a list is an argument, and one with blocks is JSON. An object
has to stand behind those that it names, so then all objects are arguments. They are in 6.0 too,
which passes over `[object]` (said by the change of 6.1 that brings it back to softmmu/vl.c).
"""

from __future__ import annotations

from machdesc.backend.option import Option
from machdesc.backend.value import dotted, is_nested, repeated
from machdesc.schema.validate import is_list, json_value
from machdesc.syntax.tree import Block, List

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.catalog.catalog import Property as Known
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Statement

_LOST = "6.0"
"""The release that passes over the objects of a configuration file."""


def emit_objects(guest: Guest) -> list[Option]:
    """All objects, those of the guest before those of the host."""
    description = guest.description
    statements = (*description.all("object"), *description.host_all("object"))
    known = [_properties(guest, statement) for statement in statements]
    has_list = any(
        isinstance(item.value, (Block, List)) or (item.name in entries and is_list(entries[item.name]))
        for statement, entries in zip(statements, known, strict=True)
        for item in statement.properties
    )
    section = "" if has_list or guest.release == _LOST else "object"
    return [
        _object(statement, entries, section) for statement, entries in zip(statements, known, strict=True)
    ]


def _properties(guest: Guest, statement: Statement) -> Mapping[str, Known]:
    """What the release knows of an object's properties."""
    schema = guest.catalog.object(statement.head.text) if statement.head is not None else None
    return schema.properties(guest.release) if schema is not None else {}


def _object(statement: Statement, known: Mapping[str, Known], section: str) -> Option:
    kind = statement.head.text if statement.head is not None else ""
    ident = statement.id.text if statement.id is not None else ""
    if any(is_nested(item.value) for item in statement.properties):
        import json

        values: dict[str, object] = {"qom-type": kind, "id": ident}
        for item in statement.properties:
            values[item.name] = json_value(known.get(item.name), item.value)
        return Option("object", json=json.dumps(values, ensure_ascii=False), span=statement.span)
    pairs: list[tuple[str, str]] = []
    for item in statement.properties:
        pairs += repeated((item,)) if isinstance(item.value, List) else dotted((item,), known)
    return Option("object", kind, ident, tuple(pairs), section, "qom-type", statement.span)
