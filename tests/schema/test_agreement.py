"""The tables and the JSON Schemas give one verdict, on the shipped types and on made-up blocks."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from machdesc.catalog.catalog import DeviceType, load_catalog
from machdesc.catalog.location import machines_path
from machdesc.schema.document import find_type, read_type, type_schema
from machdesc.schema.explain import explain
from machdesc.schema.validate import check_properties
from machdesc.source import source_of
from machdesc.syntax.build import UNITS
from machdesc.syntax.tree import Number, Property, String, Word

CATALOG = load_catalog()
SOURCE = source_of("")
SPAN = (0, 0, SOURCE)
SAMPLES = [
    "virtio-net-pci",
    "virtio-blk-pci",
    "pcie-root-port",
    "qemu-xhci",
    "nvme",
    "ide-hd",
    "VGA",
    "e1000",
]

# Properties whose default QEMU tells in a form that its own type does not take.
ODD_DEFAULTS = {"addr"}


@cache
def schema_of(name: str, release: str) -> dict[str, Any]:
    path = find_type(name)
    assert path is not None
    schema = type_schema(read_type(path), release)
    assert schema is not None
    return schema


def device(name: str) -> DeviceType:
    found = CATALOG.device(name)
    assert found is not None
    return found


numbers = st.one_of(
    st.integers(-2, 70000).map(str),
    st.integers(0, 1 << 66).map(hex),
    st.tuples(st.integers(0, 99), st.sampled_from([u for u in UNITS if u])).map(lambda p: f"{p[0]}{p[1]}"),
    st.decimals(0, 9, places=1).map(str),
)


def number(text: str) -> Number:
    from machdesc.syntax.parse import parse

    tree, _ = parse(source_of(f"machdesc 1\nglobal x {{ y {text} }}"))
    value = tree.statements[0].properties[0].value
    assert isinstance(value, Number)
    return value._replace(span=SPAN)


values = st.one_of(
    numbers.map(number),
    st.sampled_from(["on", "off", "auto", "true", "x"]).map(lambda text: Word(text, SPAN)),
    st.text(max_size=5).map(lambda text: String(text, SPAN)),
)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_tables_and_schemas_agree(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SAMPLES))
    release = data.draw(st.sampled_from(device(name).releases))
    known = [*device(name).properties(release), "no-such-property"]
    names = data.draw(st.lists(st.sampled_from(known), max_size=6, unique=True))
    items = [Property(n, data.draw(values), SPAN, SPAN) for n in names]
    # What the table refuses for reasons other than the schema's is not compared.
    items = [i for i in items if _comparable(device(name), release, i)]
    refused = {name for name, _ in explain(schema_of(name, release), device(name), release, items)}
    table = {item.name for item in items if check_properties(device(name), release, (item,))}
    assert table == refused


def _comparable(owner: DeviceType, release: str, item: Property) -> bool:
    """Whether table and schema judge by the same: units, quotes and QEMU's own properties are
    matters of the text, which JSON does not have."""
    entry = owner.properties(release).get(item.name)
    if entry is None:
        return True
    if isinstance(item.value, Number) and item.value.unit and entry.kind == "int":
        return False
    if (
        isinstance(item.value, Number)
        and entry.kind in ("int", "size")
        and isinstance(item.value.value, float)
    ):
        return False
    if isinstance(item.value, String) and entry.kind == "bool" and item.value.text in ("on", "off"):
        return False
    return not entry.qemu.startswith("child<") and item.name not in ("bus", "id", "type")


@pytest.mark.parametrize("release", CATALOG.releases)
@pytest.mark.parametrize("kind", ["device", "object", "machine", "cpu"])
def test_every_shipped_schema_is_one_and_takes_its_own_defaults(kind: str, release: str) -> None:
    checked = 0
    for path in sorted((machines_path() / "x86_64" / kind).glob("*.json")):
        schema = type_schema(read_type(path), release)
        if schema is None:
            continue
        Draft202012Validator.check_schema(schema)
        defaults = {
            name: entry["default"]
            for name, entry in schema["properties"].items()
            if "default" in entry and name not in ODD_DEFAULTS
        }
        faults = list(Draft202012Validator(schema).iter_errors(defaults))
        assert not faults, (path.name, [fault.message for fault in faults])
        checked += 1
    assert checked
