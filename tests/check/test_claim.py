"""Every part of a description that a guest can see is claimed by a rule, or waived with a reason.

The parts are read off the grammar (which statements there are, and what stands in each) and off the
records of the model, so that a new one has to be claimed or waived. A rule claims what differs
between the guests of its examples.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import machdesc
from machdesc.check.compare import rule_module
from machdesc.model.guest import Description
from machdesc.model.merge import key
from machdesc.resolve.guest import Address, Bus, Device, Guest
from machdesc.syntax.tree import Statement, same
from tests.check.rule_example import EXAMPLES, NAMES, Example

GRAMMAR = (Path(__file__).parents[2] / "grammar" / "machdesc.lark").read_text(encoding="utf-8")

FIELDS = {
    "NAME": "head", "NUMBER": "head", "STRING": "head", "version": "version", "id": "id", "subject": "id",
    "place": "address", "block": "block", "list": "values", "FOLLOWS": "base", "kind": "head",
}  # fmt: skip
"""What stands in a statement by the grammar -> the field of the record that holds it."""

Part = tuple[str, str, str]

HOST = "how the host does its work"
WAIVED: dict[tuple[str, str, str], str] = {
    ("guest", "guest", "id"): "the host's name of the guest: QEMU's process and window",
    ("guest", "guest", "statement"): "its UUID is what a guest sees of it",
    ("guest", "machine", "statement"): "a description without a machine is no guest",
    ("guest", "cpu", "head"): "claimed as the model, with its version",
    ("guest", "cpu", "statement"): "without it, the model and the topology are compared as QEMU chooses them",
    ("guest", "memory", "statement"): "without it, the size is compared as QEMU chooses it",
    ("guest", "machine-type", "*"): "describes no guest",
    ("guest", "include", "*"): "is replaced by what is included before anything is compared",
    ("guest", "remove", "*"): "is carried out before anything is compared",
    ("guest", "ignore", "*"): "speaks to check itself",
    ("guest", "device", "id"): "the host's name; a saved state names devices by their place",
    ("guest", "boot", "statement"): "compared property by property",
    ("guest", "rtc", "statement"): "compared property by property",
    ("guest", "global", "block"): "compared value by value where it reaches",
    ("guest", "global", "head"): "another type is another statement",
    ("guest", "smbios", "head"): "another table is another statement",
    ("guest", "smbios", "statement"): "compared property by property",
    ("guest", "fw_cfg", "id"): "another name is another statement",
    ("guest", "numa", "head"): "another kind is another statement",
    ("guest", "object", "id"): "another id is another statement",
    ("host", "accel", "statement"): "an accelerator more is tried when the first one fails",
    ("host", "netdev", "id"): HOST,
    ("host", "netdev", "statement"): "claimed where a device names it",
    ("host", "chardev", "*"): "where bytes come from and go to",
    ("host", "blockdev", "id"): HOST,
    ("host", "blockdev", "head"): "how the host finds the blocks",
    ("host", "blockdev", "statement"): "claimed where a device names it",
    ("host", "audiodev", "*"): "where sound goes to and comes from",
    ("host", "tpmdev", "id"): HOST,
    ("host", "tpmdev", "block"): "how the host reaches the TPM",
    ("host", "tpmdev", "statement"): "claimed where a device names it",
    ("host", "fsdev", "*"): "which folder it is; the guest sees its files, not its hardware",
    ("host", "object", "*"): "claimed as objects outside are, where a guest can tell them from none",
    ("host", "drive", "*"): "claimed as a block node, and as a device where it brings one along",
    ("host", "display", "*"): "who looks at the guest's screen",
    ("host", "vnc", "*"): "who looks at the guest's screen",
    ("host", "spice", "*"): "who looks at the guest's screen",
    ("host", "monitor", "*"): "who controls QEMU",
    ("host", "name", "*"): "the process' name",
    ("host", "overcommit", "*"): "claimed as a feature of a CPU that is as the host's",
    ("host", "sandbox", "*"): HOST,
    ("host", "action", "*"): "what QEMU does when the guest stops",
    ("host", "msg", "*"): "what QEMU prints",
    ("host", "run-with", "*"): HOST,
    ("host", "arguments", "statement"): "claimed as its list",
}
"""(where, keyword, what of it) -> why no rule claims it; `*`: all, `statement`: whether it is there."""

RECORDS = {
    Description: {
        "source": "where it was read",
        "statements": "the parts that stand for the guest",
        "host": "the parts that stand for the host",
        "files": "where it was read",
    },
    Guest: {
        "description": "its statements, part by part",
        "catalog": "MD001",
        "release": "MD001",
        "machine_name": "MD002",
        "machine": "of the machine's name",
        "machine_schema": "of the machine's name",
        "cpu_name": "MD010",
        "cpu": "of the CPU's name",
        "devices": "MD030 MD031",
        "buses": "of the devices that offer them, and of the machine",
        "chain": "MD003 MD004 MD033",
        "variants": "of the devices' versions",
    },
    Device: {
        "statement": "part by part",
        "id": "the host's name; a saved state names devices by their place",
        "type": "MD032",
        "address": "MD040 MD041 MD042 MD043 MD044 MD045 MD046",
        "version": "MD033",
    },
    Address: {
        "bus": "MD040",
        "unit": "as it is written; compared by its properties",
        "properties": "MD040",
        "span": "where it is written",
    },
    Bus: {
        "name": "MD040",
        "type": "of the owner's type",
        "owner": "MD040",
        "kind": "of the bus's type",
    },
}
"""Record -> field -> the codes that claim it, or what it is instead."""


def parts() -> set[Part]:
    """What can stand in which statement, by the grammar."""
    bodies = dict(re.findall(r"^\??([a-z_]+): (.*(?:\n {4,}\|.*)*)", GRAMMAR, re.MULTILINE))
    keywords = dict(re.findall(r'^([A-Z_]+)(?:\.\d+)?: "([a-z_-]+)" _END', GRAMMAR, re.MULTILINE))
    backends = [keywords[word] for word in re.findall(r"[A-Z]+", bodies["backend"])]
    found = set()
    for where, rule in (("guest", "statement"), ("host", "host_statement")):
        for name in re.findall(r"[a-z_]+", bodies[rule]):
            if name == "host":
                continue
            words = re.findall(r"[A-Za-z_]+", bodies[name])
            heads = [keywords[word] for word in words if word in keywords and word not in FIELDS]
            for keyword in backends if "backend" in words else heads:
                found |= {(where, keyword, FIELDS[word]) for word in words if word in FIELDS}
                found.add((where, keyword, "statement"))
    return found


def claimed(example: Example) -> set[Part]:
    """What differs between the two guests of an example."""
    sides = []
    for name in example.commands[0][0][1:3]:
        description, _ = machdesc.load(str(example.folder / name))
        assert description is not None
        sides.append(_by_key(description))
    found = set()
    for place in {*sides[0], *sides[1]}:
        where = place[0]
        old, new = (side.get(place) for side in sides)
        if old is None or new is None:
            statement = old or new
            assert statement is not None
            found.add((where, statement.keyword, "statement"))
            continue
        for field in set(FIELDS.values()):
            if not same(getattr(old, field), getattr(new, field)):
                found.add((where, new.keyword, field))
    return found


def _by_key(description: Description) -> dict[tuple[str, object], Statement]:
    """The statements by where they stand and what identifies them, or else their number."""
    found: dict[tuple[str, object], Statement] = {}
    for where, statements in (("guest", description.statements), ("host", description.host)):
        for number, statement in enumerate(statements):
            by_head = statement.keyword == "accel"
            name = None if by_head else key(statement)
            same_kind = sum(other.keyword == statement.keyword for other in statements[:number])
            found[where, name or (statement.keyword, same_kind)] = statement
    return found


CHANGES = [(example.rule, claimed(example)) for example in EXAMPLES]
CLAIMED = {part: rule for rule, changes in CHANGES for part in changes}
ALONE = {part for _, changes in CHANGES for part in changes if len(changes) == 1}
"""What is all that differs in some example."""


@pytest.mark.parametrize("part", sorted(parts()), ids=" ".join)
def test_a_part_of_the_language_is_claimed_or_waived(part: Part) -> None:
    waived = [reason for name, reason in WAIVED.items() if name in (part, (*part[:2], "*"))]
    assert waived or part in CLAIMED
    assert not waived or part not in ALONE, f"{CLAIMED.get(part)} claims what is waived: {waived}"


def test_a_waiver_waives_something() -> None:
    known = parts()
    for where, keyword, field in WAIVED:
        assert any(part[:2] == (where, keyword) and field in ("*", part[2]) for part in known)


def test_the_grammar_fills_the_record_of_a_statement() -> None:
    assert set(Statement._fields) == {*FIELDS.values(), "keyword", "statements", "span"}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_of_a_record_is_claimed_or_explained(record: type) -> None:
    fields = getattr(record, "_fields", None) or record.__slots__  # type: ignore[attr-defined]
    assert set(RECORDS[record]) == {name for name in fields if not name.startswith("_")}
    codes = {rule_module(name).CODE for name in NAMES}
    told = {word for text in RECORDS[record].values() for word in re.findall(r"MD\d{3}", text)}
    assert told <= codes
