"""Merging releases into a catalog folder: order does not matter, and nothing is lost."""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from machdesc.harvest.document import emit_document, parse_document
from machdesc.harvest.fact import MachineFact, PropertyFact, ReleaseFact, TypeFact
from machdesc.harvest.schema import emit_property
from machdesc.harvest.shelf import Shelf, merge_release, read_shelf, write_shelf

_EMPTY = Shelf("x86_64", {}, {})


def _release(number: str, *types: TypeFact, machines: tuple[MachineFact, ...] = ()) -> ReleaseFact:
    return ReleaseFact(number, f"{number}.1", "", "x86_64", machines, {}, {}, {}, types, {})


def _device(description: str, *properties: PropertyFact, bus: str = "PCI") -> TypeFact:
    return TypeFact("device", "card", properties, description=description, bus=bus, user_creatable=True)


_OLD = _release(
    "9.2",
    _device("old", PropertyFact("gone", "bool"), PropertyFact("size", "uint8", default=1)),
    machines=(MachineFact("pc-q35-9.2", {"alias": "q35"}, compat=()),),
)
_MIDDLE = _release(
    "10.0",
    _device("old", PropertyFact("size", "uint8", default=True)),
    machines=(
        MachineFact("pc-q35-10.0", {"alias": "q35"}, compat=(("a", "b", "c"),)),
        MachineFact("pc-q35-9.2", {}, compat=(("a", "b", "c"), ("d", "e", "f"))),
    ),
)
_NEW = _release("11.1", _device("new", PropertyFact("size", "uint8", default=1), bus="ISA"))


def _harvest(directory: Path, *facts: ReleaseFact) -> dict[str, str]:
    for fact in facts:
        old = read_shelf(directory, fact.arch)
        write_shelf(directory, old, merge_release(old, fact)[0])
    folder = directory / "x86_64"
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.read_text()
        for path in sorted(folder.rglob("*"))
        if not path.is_dir()
    }


def test_order_does_not_matter(tmp_path: Path) -> None:
    results = [
        _harvest(tmp_path / str(number), *order)
        for number, order in enumerate(itertools.permutations((_OLD, _MIDDLE, _NEW)))
    ]
    assert all(result == results[0] for result in results)
    assert results[0]["q35.md"] == "pc-q35-10.0.md"


def test_twice_the_same_bytes(tmp_path: Path) -> None:
    once = _harvest(tmp_path, _OLD, _NEW)
    old = read_shelf(tmp_path, "x86_64")
    assert write_shelf(tmp_path, old, merge_release(old, _NEW)[0]) == (0, [])
    assert _harvest(tmp_path, _NEW) == once


def test_a_release_replaces_what_it_said_before(tmp_path: Path) -> None:
    other = TypeFact("device", "other", ())
    _harvest(tmp_path, _OLD, replace(_NEW, types=(*_NEW.types, other)))
    assert _harvest(tmp_path, _NEW) == _harvest(tmp_path / "fresh", _OLD, _NEW)


def test_a_users_own_files_stay(tmp_path: Path) -> None:
    mine = tmp_path / "x86_64" / "pc-q35-9.2-acme.md"
    mine.parent.mkdir()
    mine.write_text("mine")
    assert _harvest(tmp_path, _OLD)["pc-q35-9.2-acme.md"] == "mine"


def test_no_scratch_is_left(tmp_path: Path) -> None:
    assert not [path for path in _harvest(tmp_path, _OLD) if ".harvest-" in path]


def test_document_survives_reading() -> None:
    document = merge_release(merge_release(_EMPTY, _OLD)[0], _NEW)[0].documents["device", "card"]
    text = emit_document("x86_64", "device", "card", document)
    assert emit_document("x86_64", "device", "card", parse_document(json.loads(text))) == text
    value = json.loads(text)
    assert value["bus"] == {"9.2": "PCI", "11.1": "ISA"}
    assert value["descriptions"] == {"9.2": "old", "11.1": "new"}
    assert value["properties"]["gone"]["releases"] == ["9.2"]
    assert value["properties"]["size"]["releases"] == ["9.2", "11.1"]


def test_true_and_one_are_two_defaults() -> None:
    shelf = _EMPTY
    for fact in (_OLD, _MIDDLE, _NEW):
        shelf = merge_release(shelf, fact)[0]
    size = json.loads(emit_document("x86_64", "device", "card", shelf.documents["device", "card"]))[
        "properties"
    ]["size"]
    assert [variant["releases"] for variant in size["anyOf"]] == [["9.2", "11.1"], ["10.0"]]


def test_a_strange_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x86_64" / "device" / "strange.json"
    path.parent.mkdir(parents=True)
    path.write_text("[]")
    with pytest.raises(ValueError, match=r"strange\.json"):
        read_shelf(tmp_path, "x86_64")


@pytest.mark.parametrize(
    ("fact", "schema"),
    [
        (PropertyFact("a", "bool", "on/off", True), {"type": "boolean", "default": True, "qemu": "bool"}),
        (
            PropertyFact("a", "int16"),
            {"type": "integer", "minimum": -32768, "maximum": 32767, "qemu": "int16"},
        ),
        (
            PropertyFact("a", "uint64_t"),
            {"type": "integer", "minimum": 0, "maximum": 2**64 - 1, "qemu": "uint64_t"},
        ),
        (PropertyFact("a", "size"), {"type": "integer", "minimum": 0, "qemu": "size"}),
        (
            PropertyFact("a", "link<rng-backend>"),
            {"type": "string", "qemu": "link<rng-backend>", "refers": "rng-backend"},
        ),
        (PropertyFact("a", "OnOffAuto", enum=("on", "off")), {"enum": ["on", "off"], "qemu": "OnOffAuto"}),
        (PropertyFact("a", "SocketAddress"), {"qemu": "SocketAddress"}),
    ],
)
def test_property_schema(fact: PropertyFact, schema: dict[str, object]) -> None:
    assert emit_property(fact) == schema


def test_back_ends_are_read_off_the_description() -> None:
    fact = PropertyFact("netdev", "str", "ID of a netdev to use as a backend")
    assert emit_property(fact)["refers"] == "netdev"


def test_an_address_is_text_whatever_qemu_calls_it() -> None:
    fact = PropertyFact("addr", "int32", "Slot and optional function number, example: 06.0 or 06", -1)
    assert emit_property(fact)["type"] == "string"
