"""Lists of numbers, which QOM calls `int`: read off QMP's schema, or off the refusal of a word."""

from __future__ import annotations

from typing import Any

from machdesc.harvest.fact import PropertyFact
from machdesc.harvest.object_schema import describes_objects, entries, member_type
from machdesc.harvest.probe_list import resolve_refused
from machdesc.harvest.schema import emit_property

OLD: list[dict[str, Any]] = [
    {"name": "object-add", "meta-type": "command", "arg-type": "1"},
    {"name": "1", "members": []},
]
NEW: list[dict[str, Any]] = [
    {"name": "object-add", "meta-type": "command", "arg-type": "1"},
    {"name": "1", "members": [{"name": "id", "type": "str"}], "variants": [{"case": "ram", "type": "2"}]},
    {"name": "2", "members": [{"name": "host-nodes", "type": "[int]"}]},
    {"name": "str", "meta-type": "builtin"},
    {"name": "[int]", "meta-type": "array", "element-type": "int"},
]


def test_a_schema_that_describes_objects() -> None:
    told = entries(NEW)
    assert describes_objects(told)
    found = member_type(told, "ram", "host-nodes")
    assert found is not None
    assert found["meta-type"] == "array"
    assert (member_type(told, "ram", "id") or {})["meta-type"] == "builtin"
    assert member_type(told, "ram", "size") is None


def test_a_schema_that_does_not() -> None:
    assert not describes_objects(entries(OLD))
    assert member_type(entries(OLD), "ram", "host-nodes") is None


def test_a_refusal_names_a_list() -> None:
    # Both as QEMU 5.2 says them.
    refused = {
        ("ram", "host-nodes"): "Invalid parameter type for 'host-nodes', expected: array",
        ("ram", "size"): "Parameter 'size' expects uint64",
    }
    assert resolve_refused(refused) == {("ram", "host-nodes")}


def test_the_schema_of_a_list() -> None:
    assert emit_property(PropertyFact("host-nodes", "[int]")) == {
        "type": "array",
        "items": {"type": "integer"},
        "qemu": "[int]",
    }
