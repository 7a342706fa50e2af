"""What the tables say of a wrong property: the code, the place, what is allowed, and the help."""

from __future__ import annotations

import pytest

from machdesc.catalog.catalog import DeviceType, load_catalog
from machdesc.diagnostic import Diagnostic
from machdesc.schema.validate import check_properties, json_value
from machdesc.source import source_of
from machdesc.syntax.parse import parse
from machdesc.syntax.tree import Property

CATALOG = load_catalog()


def device(name: str) -> DeviceType:
    found = CATALOG.device(name)
    assert found is not None
    return found


def block(text: str) -> tuple[Property, ...]:
    tree, diagnostics = parse(source_of(f"machdesc 1\nglobal x {{\n{text}\n}}\n"))
    assert not diagnostics
    return tree.statements[0].properties


def faults(name: str, text: str, release: str, placed: tuple[str, ...] = ()) -> list[Diagnostic]:
    return check_properties(device(name), release, block(text), placed)


@pytest.mark.parametrize(
    ("text", "code", "place", "told"),
    [
        ("ats yes", "wrong-type", "yes", "write `ats on`"),
        ("ats 0", "wrong-type", "0", "write `ats off`"),
        ('ats "on"', "wrong-type", '"on"', "write `ats on`"),
        ("ats maybe", "wrong-type", "maybe", "on, off"),
        ("vectors -1", "out-of-range", "-1", "write 0xffffffff"),
        ("vectors 0x100000000", "out-of-range", "0x100000000", "0 to 4294967295"),
        ("vectors 4K", "wrong-type", "4K", "write 4096"),
        ("vectors 1.5", "wrong-type", "1.5", "whole number"),
        ('vectors "4"', "wrong-type", '"4"', "write `vectors 4` without quotes"),
        ("vectors [4]", "wrong-type", "[4]", "takes no list"),
        ("mac { a b }", "wrong-type", "{ a b }", "takes no block"),
        ("disable-legacy onn", "not-a-choice", "onn", "did you mean `on`?"),
        ("macc x", "unknown-property", "macc", "did you mean `mac`?"),
        ("hash-ipv4 on", "unknown-property", "hash-ipv4", "QEMU 11.1 has it"),
        ("realized on", "not-settable", "realized", "remove it"),
        ("type x", "not-settable", "type", "remove it"),
        ("id x", "not-settable", "id", "`virtio-net-pci ID`"),
        ("bus pcie.0", "address-property", "bus", "write `at BUS/ADDRESS`"),
        ("addr 02.0", "address-property", "addr", "write `at BUS/ADDRESS`"),
    ],
)
def test_a_fault_is_told(text: str, code: str, place: str, told: str) -> None:
    (found,) = faults("virtio-net-pci", text, "7.2", ("addr",))
    assert found.code == code
    assert found.span is not None
    assert found.span[2].text[found.span[0] : found.span[1]] == place
    assert told in f"{found.message} {found.allowed} {found.help}"


@pytest.mark.parametrize(
    "text",
    ["ats on", 'mac "52:54:00:00:00:01"', "mac 5", "disable-legacy on", "vectors 0x10", "bootindex -1"],
)
def test_what_is_right_is_not_told(text: str) -> None:
    assert not faults("virtio-net-pci", text, "7.2")


def test_a_property_that_newer_releases_lack_is_gone() -> None:
    gone = next(
        (device(name), word, having)
        for name in CATALOG.names("device")
        for word in device(name).properties(device(name).releases[0])
        if (having := device(name).property_releases(word))[-1] != device(name).releases[-1]
    )
    owner, word, having = gone
    (found,) = check_properties(owner, owner.releases[-1], block(f"{word} on"))
    assert (found.code, found.help) == ("unknown-property", f"gone after QEMU {having[-1]}")


def test_the_json_form_of_values() -> None:
    text = "ats on\nvectors 0x10\nmac 5\ndisable-legacy off\nspeed 1\nx on\ny [1, { a 2KiB  b on }]"
    known = device("virtio-net-pci").properties("7.2")
    assert {item.name: json_value(known.get(item.name), item.value) for item in block(text)} == {
        "ats": True,
        "vectors": 16,
        "mac": "5",
        "disable-legacy": "off",
        "speed": 1,
        "x": "on",
        "y": [1, {"a": 2048, "b": "on"}],
    }
