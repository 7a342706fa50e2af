"""The tables and the JSON Schemas give one verdict, on the shipped types and on made-up blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from machdesc.catalog.catalog import DeviceType, load_catalog
from machdesc.catalog.catalog import Property as Known
from machdesc.catalog.location import machines_path
from machdesc.diagnostic import Diagnostic
from machdesc.schema.document import KINDS, find_type, read_type, type_names, type_schema
from machdesc.schema.explain import explain
from machdesc.schema.validate import check_properties, is_list, json_value, value_fault, value_faults
from machdesc.source import source_of
from machdesc.syntax.parse import parse
from machdesc.syntax.tree import List, Number, Property, String, Word
from machdesc.syntax.value import UNITS

if TYPE_CHECKING:
    from machdesc.syntax.tree import Value

CATALOG = load_catalog()
NOWHERE = source_of("")

# Property -> why what QEMU tells as its default is no value that one can write.
ODD_DEFAULTS = {"addr": "told as QEMU's own number (-1: none), written as SLOT.FUNCTION"}


@cache
def whole(name: str) -> dict[str, Any]:
    path = find_type(name)
    assert path is not None
    return read_type(path)


@cache
def schema_of(name: str, release: str) -> dict[str, Any]:
    schema = type_schema(whole(name), release)
    assert schema is not None
    return schema


def owner_of(name: str) -> DeviceType:
    found = CATALOG.device(name) or CATALOG.object(name) or CATALOG.machine_schema(name)
    return found or cpu_type()


def cpu_type() -> DeviceType:
    found = CATALOG.cpu_schema()
    assert found is not None
    return found


@cache
def value(text: str) -> Value:
    tree, diagnostics = parse(source_of(f"machdesc 1\nglobal x {{ y {text} }}\n"))
    assert not diagnostics, text
    return tree.statements[0].properties[0].value


def everything() -> Iterator[tuple[str, str]]:
    """All shipped types at all releases that have them."""
    for name in type_names():
        for release in owner_of(name).releases:
            yield name, release


def text_decides(known: Known, probe: Value) -> bool:
    """Whether a matter of the text decides, which its JSON form does not show: a unit of a
    number that takes none, a point in a whole number."""
    if not isinstance(probe, Number) or not (known.kind in ("int", "size") or is_list(known)):
        return False
    pointed = isinstance(probe.value, float) and probe.value.is_integer()
    return pointed or (known.kind == "int" and bool(probe.unit))


def probes(known: Known) -> Iterator[Value]:
    """Values around the borders of what a property takes, and of all other kinds."""
    numbers = {-1, 0, 1, 2, 1 << 63, 1 << 64, -(1 << 63)}
    for border in (known.low, known.high):
        if border is not None:
            numbers |= {border - 1, border, border + 1}
    yield from (value(str(number)) for number in sorted(numbers))
    for text in ("on", "off", "auto", "x", '"on"', '"1"', '""', "0x10", "1.5", "4KiB", "[1, 2]", "{ a on }"):
        yield value(text)
    yield from (String(word, (0, 0, NOWHERE)) for word in known.enum)


def test_tables_and_schemas_list_the_same_properties() -> None:
    for name, release in everything():
        assert set(schema_of(name, release)["properties"]) == set(owner_of(name).properties(release))


def test_tables_and_schemas_agree_on_each_property() -> None:
    judged: set[tuple[str, str]] = set()
    for name, release in everything():
        for known in owner_of(name).properties(release).values():
            schema = schema_of(name, release)["properties"][known.name]
            key = (json.dumps(schema), repr(known))
            if key in judged:
                continue
            judged.add(key)
            validator = Draft202012Validator(schema)
            for probe in probes(known):
                if text_decides(known, probe):
                    continue
                valid = validator.is_valid(json_value(known, probe))
                assert (not value_faults(known, probe)) == valid, (name, release, known, probe)
    assert len(judged) > 1000


words = st.sampled_from(["on", "off", "auto", "true", "x", '"on"', '"2"', "[1, on]", "[]", "{ a 1  b [x] }"])
numbers = st.one_of(
    st.integers(-2, 70000).map(str),
    st.integers(0, 1 << 66).map(hex),
    st.tuples(st.integers(0, 99), st.sampled_from([u for u in UNITS if u])).map(lambda p: f"{p[0]}{p[1]}"),
    st.decimals(0, 9, places=1).map(str),
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_tables_and_schemas_agree_on_blocks(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(type_names()))
    owner = owner_of(name)
    release = data.draw(st.sampled_from(owner.releases))
    known = owner.properties(release)
    names = data.draw(st.lists(st.sampled_from([*known, "no-such-property"]), max_size=8, unique=True))
    block: list[Property] = []
    for word in names:
        choices = [st.one_of(words, numbers).map(value)]
        if word in known:
            choices.append(st.sampled_from(list(probes(known[word]))))
        chosen = data.draw(st.one_of(choices))
        # Where a block may not say it, or the text decides, the schema is not asked.
        if word in ("bus", "type") or (word in known and text_decides(known[word], chosen)):
            continue
        span = (len(block), len(block) + 1, NOWHERE)
        block.append(Property(word, chosen._replace(span=span), len(block)))
    assert verdict(explain(schema_of(name, release), owner, release, block)) == verdict(
        check_properties(owner, release, tuple(block))
    )


def verdict(diagnostics: list[Diagnostic]) -> set[tuple[int, str]]:
    """The places and codes."""
    return {(d.span[0], d.code) for d in diagnostics if d.span is not None}


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_schema_is_one(kind: str) -> None:
    checked: set[str] = set()
    for path in sorted((machines_path() / "x86_64" / kind).glob("*.json")):
        for release in whole(path.stem)["releases"]:
            schema = schema_of(path.stem, release)
            # A property's schema is checked once, wherever it stands: most stand in many types.
            for part in ({**schema, "properties": {}}, *schema["properties"].values()):
                text = json.dumps(part)
                if text not in checked:
                    checked.add(text)
                    Draft202012Validator.check_schema(part)
    assert checked


def test_every_default_is_a_value_of_its_property() -> None:
    checked: set[str] = set()
    odd: set[str] = set()
    for name, release in everything():
        for word, schema in schema_of(name, release)["properties"].items():
            text = json.dumps(schema)
            if "default" not in schema or text in checked:
                continue
            checked.add(text)
            if not Draft202012Validator(schema).is_valid(schema["default"]):
                odd.add(word)
    assert odd == set(ODD_DEFAULTS), "a default that its own schema refuses needs a reason"


def test_a_fault_deep_in_a_value_has_its_place() -> None:
    text = "machdesc 1\nglobal x { mac [1, on] }\n"
    block = parse(source_of(text))[0].statements[0].properties
    schema = {"title": "x", "properties": {"mac": {"items": {"type": "string"}}}}
    found = explain(schema, owner_of("virtio-net-pci"), "7.2", block)
    assert [(d.code, d.span and text[d.span[0] : d.span[1]]) for d in found] == [("wrong-type", "1")]


def test_a_word_and_a_text_are_the_same_choice() -> None:
    known = owner_of("virtio-net-pci").properties("7.2")["disable-legacy"]
    span = (0, 0, NOWHERE)
    assert value_fault(known, Word("auto", span)) is value_fault(known, String("auto", span)) is None
    assert value_fault(known, List((), span)) is not None
