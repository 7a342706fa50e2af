"""Edits: the text says the same but for them, and all that is no part of them stands as it stood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machdesc.source import source_of
from machdesc.syntax.edit import Edit, add_statement, apply_edits, edit_statement, id_text
from machdesc.syntax.parse import parse
from machdesc.syntax.tree import Statement, Tree, same
from tests.syntax.profile import examples
from tests.syntax.text import example, literate_text, raw_text


def _tree(text: str) -> Tree:
    tree, diagnostics = parse(source_of(text))
    assert not diagnostics, diagnostics
    return tree


def _device(line: str, **parts: object) -> str:
    """What becomes of a device, the last statement of a text."""
    text = f"machdesc 1\n{line}\n"
    tree = _tree(text)
    edited = apply_edits(text, edit_statement(tree.statements[-1], **parts))  # type: ignore[arg-type]
    _tree(edited)
    return edited.removeprefix("machdesc 1\n").removesuffix("\n")


def test_parts_of_the_head() -> None:
    whole = {"version": "9.2", "id": "net0", "address": "pcie.0/02.0"}
    assert _device("device e1000 # c", **whole) == "device e1000 @ 9.2 net0 at pcie.0/02.0 # c"
    assert _device("device e1000 x {}", **whole) == "device e1000 @ 9.2 net0 at pcie.0/02.0 {}"
    assert _device("device e1000 @ 8.0 at pcie.0", **whole) == "device e1000 @ 9.2 net0 at pcie.0/02.0"
    assert _device("device e1000\n  at b/1", id="n") == "device e1000 n\n  at b/1"
    assert _device("device e1000", id="host") == 'device e1000 "host"'


def test_properties() -> None:
    one, two = {"mq": "on"}, {"mq": "on", "vectors": "4"}
    assert _device("device x y", properties=one) == "device x y { mq on }"
    assert _device("device x y  # c", properties=two) == "device x y {\n  mq on\n  vectors 4\n}  # c"
    assert _device("device x y {}", properties=two) == "device x y { mq on  vectors 4 }"
    assert _device("device x y { mq off }", properties=two) == "device x y { mq on  vectors 4 }"
    assert _device("device x y { mq on }", properties=one) == "device x y { mq on }"
    lines = "device x y {\n    a 1 # c\n    # d\n}"
    assert _device(lines, properties=one) == "device x y {\n    a 1 # c\n    mq on\n    # d\n}"
    assert _device("device x y { # c\n}", properties=one) == "device x y { # c\n  mq on\n}"
    assert _device("device x y { a 1\n}", properties=one) == "device x y { a 1\n  mq on\n}"
    assert _device("device x y {\n  a [\n  1\n  ] }", properties=one) == (
        "device x y {\n  a [\n  1\n  ]  mq on }"
    )
    assert _device("device x y", id="z", address="b/1", properties=one) == "device x z at b/1 { mq on }"
    assert _device("device x", id="z", address="b/1", properties=one) == "device x z at b/1 { mq on }"


def test_a_line_that_becomes_too_long_is_broken() -> None:
    many = {f"property-{number}": "on" for number in range(9)}
    lines = "".join(f"  {name} on\n" for name in many)
    assert _device("device x y {}", properties=many) == f"device x y {{\n{lines}}}"
    found = _device("device x y { a 1  b 2 }", properties={"b": "3", **many})
    assert found == f"device x y {{\n  a 1  b 3\n{lines}}}"


def test_a_block_in_host_is_indented_as_its_statement() -> None:
    text = "machdesc 1\nhost {\n  netdev user lan {\n    a 1\n  }\n  accel kvm\n}\n"
    host = _tree(text).statements[-1]
    edits = [e for s in host.statements for e in edit_statement(s, properties={"b": "2", "c": "3"})]
    assert apply_edits(text, edits) == (
        "machdesc 1\nhost {\n  netdev user lan {\n    a 1\n    b 2\n    c 3\n  }\n"
        "  accel kvm {\n    b 2\n    c 3\n  }\n}\n"
    )


def test_new_statements() -> None:
    text = "# G\n\n```machdesc\nmachdesc 1\ndevice a x # c\nhost {\n}\n```\nend\n"
    edited = apply_edits(text, [add_statement(_tree(text), "device b y {\n  c 1\n}")])
    assert edited == (
        "# G\n\n```machdesc\nmachdesc 1\ndevice a x # c\n\ndevice b y {\n  c 1\n}\nhost {\n}\n```\nend\n"
    )
    text = "machdesc 1 device a x device b y"
    tree = _tree(text)
    edited = apply_edits(text, [add_statement(tree, "device c z", tree.statements[0])])
    assert [s.id.text for s in _tree(edited).statements if s.id] == ["x", "z", "y"]
    assert apply_edits("machdesc 1", [add_statement(_tree("machdesc 1"), "memory 1G")]) == (
        "machdesc 1\n\nmemory 1G"
    )


def test_lines_end_as_those_of_the_text() -> None:
    text = "machdesc 1\r\ndevice x y { # c\r\n  a 1\r\n}\r\n"
    tree = _tree(text)
    edits = [*edit_statement(tree.statements[0], properties={"b": "2"}), add_statement(tree, "device z w")]
    edited = apply_edits(text, edits)
    assert edited == "machdesc 1\r\ndevice x y { # c\r\n  a 1\r\n  b 2\r\n}\r\n\r\ndevice z w\r\n"


def test_overlapping_edits_are_a_bug() -> None:
    with pytest.raises(ValueError, match="overlapping"):
        apply_edits("abc", [Edit(0, 2, "x"), Edit(1, 3, "y")])
    assert apply_edits("abc", [Edit(1, 1, "1"), Edit(1, 1, "2"), Edit(1, 2, "x")]) == "a12xc"
    assert apply_edits("abc", [Edit(1, 1, "1", True), Edit(1, 1, "2")]) == "a21bc"


def _expected(statement: Statement, name: str) -> Statement:
    """The statement as it shall be read after `name` is set to 7 in it."""
    edited = apply_edits("machdesc 1\n", [])
    probe = _tree(f"{edited}boot {{ {name} 7 }}").statements[0]
    assert probe.block is not None
    new = probe.block.properties[0]
    if statement.block is None:
        return statement._replace(block=probe.block)
    items = [new if item.name == name else item for item in statement.properties]
    if new not in items:
        items.append(new)
    return statement._replace(block=statement.block._replace(properties=tuple(items)))


@examples(100)
@given(
    st.one_of(raw_text(), literate_text(), example), st.integers(0, 1 << 30), st.sampled_from(["mq", "at"])
)
def test_the_tree_is_the_same_but_for_the_edit(text: str, number: int, name: str) -> None:
    tree = _tree(text)
    places = [n for n, s in enumerate(tree.statements) if s.keyword in ("device", "cpu", "machine", "object")]
    if not places:
        return
    place = places[number % len(places)]
    statement = tree.statements[place]
    edits = edit_statement(statement, properties={name: "7"})
    edited = _tree(apply_edits(text, edits))
    statements = list(tree.statements)
    statements[place] = _expected(statement, name)
    assert same(edited.statements, tuple(statements))


@pytest.mark.parametrize(
    ("id", "text"),
    [
        ("web01", "web01"),
        ("4", "4"),
        ("a.b+c-d", "a.b+c-d"),
        ("drive", '"drive"'),
        ("Windows 10", '"Windows 10"'),
        ("äöü", '"äöü"'),
        ("#net011", '"#net011"'),
        ("-a", '"-a"'),
        ("", '""'),
    ],
)
def test_an_id_that_is_no_name_stands_in_quotes(id: str, text: str) -> None:
    assert id_text(id) == text
