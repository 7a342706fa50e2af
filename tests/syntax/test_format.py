"""The canonical form: reached in one step, of the same meaning, with every comment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machdesc.source import source_of
from machdesc.syntax.form import COMMENT, STRING
from machdesc.syntax.format import format_tree
from machdesc.syntax.parse import parse
from machdesc.syntax.tree import same
from tests.syntax.profile import examples
from tests.syntax.text import EXAMPLES, damaged, example, literate_text, raw_text


def _formatted(text: str) -> str:
    tree, diagnostics = parse(source_of(text))
    assert not diagnostics
    return format_tree(tree)


def _comments(text: str) -> list[str]:
    source = source_of(text)
    found = re.compile(f"{STRING}|({COMMENT})").finditer
    return [m[1].rstrip() for r in source.regions for m in found(text, r.start, r.end) if m[1]]


def _prose(text: str) -> list[str]:
    source = source_of(text)
    ends = [0, *(region.end for region in source.regions)]
    starts = [*(region.start for region in source.regions), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def _check(text: str) -> None:
    once = _formatted(text)
    assert _formatted(once) == once
    assert same(parse(source_of(once))[0], parse(source_of(text))[0])
    assert _comments(once) == _comments(text)
    assert _prose(once) == _prose(text)


@examples(100)
@given(raw_text())
def test_raw(text: str) -> None:
    _check(text)


@examples(60)
@given(literate_text())
def test_literate(text: str) -> None:
    _check(text)
    if "\r\n" in text:
        assert "\n" not in _formatted(text).replace("\r\n", "")


@examples(60)
@given(st.one_of(damaged(raw_text()), damaged(example)))
def test_damaged_but_valid(text: str) -> None:
    if not parse(source_of(text))[1]:
        _check(text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_canonical(path: Path) -> None:
    text = path.read_bytes().decode()
    assert _formatted(text) == text


def test_layout() -> None:
    before = """machdesc 1
# about the guest
guest   web01{uuid "a"}   # behind it


machine q35 @ 9.2 # before the brace
{ smm on }
device VGA "v" at pcie.0/01.0 {
# first
      vgamem_mb 16   xres 800 # two on a line


  list [1 2,3]  long [
 1, 2 ] }
host { # the host
netdev user lan }
host {
}"""
    after = """machdesc 1
# about the guest
guest web01 { uuid "a" }  # behind it

# before the brace
machine q35 @ 9.2 { smm on }
device VGA "v" at pcie.0/01.0 {
  # first
  vgamem_mb 16  xres 800  # two on a line

  list [1, 2, 3]  long [
    1,
    2,
  ]
}
host {  # the host
  netdev user lan
}
host {}
"""
    assert _formatted(before) == after
