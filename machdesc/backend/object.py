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
from machdesc.syntax.tree import List

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Statement

_LOST = "6.0"
"""The release that passes over the objects of a configuration file."""

_LISTS = ("host-nodes", "cpu-affinity", "node-affinity")
"""Properties that are lists (qapi/qom.json), although QOM calls them `int`."""


def emit_objects(guest: Guest) -> list[Option]:
    """All objects, those of the guest before those of the host."""
    description = guest.description
    statements = (*description.all("object"), *description.host_all("object"))
    items = [item for statement in statements for item in statement.properties]
    has_list = any(isinstance(i.value, List) or i.name in _LISTS or is_nested(i.value) for i in items)
    section = "" if has_list or guest.release == _LOST else "object"
    return [_object(guest, statement, section) for statement in statements]


def _object(guest: Guest, statement: Statement, section: str) -> Option:
    kind = statement.head.text if statement.head is not None else ""
    ident = statement.id.text if statement.id is not None else ""
    schema = guest.catalog.object(kind)
    known = schema.properties(guest.release) if schema is not None else {}
    if any(is_nested(item.value) for item in statement.properties):
        import json

        from machdesc.schema.validate import json_value

        values: dict[str, object] = {"qom-type": kind, "id": ident}
        for item in statement.properties:
            values[item.name] = json_value(known.get(item.name), item.value)
        return Option("object", json=json.dumps(values, ensure_ascii=False), span=statement.span)
    pairs: list[tuple[str, str]] = []
    for item in statement.properties:
        pairs += repeated((item,)) if isinstance(item.value, List) else dotted((item,), known)
    return Option("object", kind, ident, tuple(pairs), section, "qom-type", span=statement.span)
