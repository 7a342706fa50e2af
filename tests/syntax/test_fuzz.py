"""Whatever the text: no exception, an end soon, and a bounded number of findings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machdesc.diagnostic import in_order, render
from machdesc.model.load import load, load_source
from machdesc.source import UnreadableSource, read_source, source_of
from machdesc.syntax.format import format_tree
from machdesc.syntax.parse import parse
from machdesc.syntax.recover import MAX_ERRORS
from tests.syntax.profile import examples
from tests.syntax.text import damaged, example, literate_text, raw_text

SECONDS = 8.0
"""A text of a megabyte takes a second or two; on a busy machine more. What is quadratic takes minutes."""


@contextmanager
def _soon(seconds: float = SECONDS) -> Iterator[None]:
    start = time.process_time()
    yield
    assert time.process_time() - start < seconds


def _survives(text: str) -> None:
    source = source_of(text)
    tree, diagnostics = parse(source)
    assert len(diagnostics) <= MAX_ERRORS + 1
    if not diagnostics:
        format_tree(tree)
    _, found = load_source(source)
    for diagnostic in in_order(found)[:1000]:
        for line in render(diagnostic).split("\n"):
            assert line.isprintable()


@examples(80)
@given(st.one_of(damaged(raw_text()), damaged(damaged(example)), damaged(literate_text())))
def test_damaged_texts(text: str) -> None:
    _survives(text)


@examples(80)
@given(st.text(), st.text())
def test_any_text(first: str, second: str) -> None:
    _survives(first)
    _survives("machdesc 1\n" + first)
    _survives(f"```machdesc\nmachdesc 1\n{first}\n```\n{second}")
    _survives("machdesc 1 boot {\n" + first)


@examples(60)
@given(st.one_of(st.binary(), st.binary().map(lambda data: b"machdesc 1\n" + data)))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.md"
    path.write_bytes(data)
    with suppress(UnreadableSource):
        read_source(str(path))
    description, diagnostics = load(str(path))
    assert description is not None or diagnostics


_SIZE = 1 << 20

_LARGE = {
    "nothing": "",
    "open braces": "boot " + "{ a " * 100_000,
    "bare braces": "{" * 100_000,
    "open lists": "boot { a " + "[" * 100_000,
    "deep in lines": "boot {\n" + "a {\n" * 100_000,
    "closing braces": "}" * _SIZE,
    "closing braces in lines": "}\n" * (_SIZE // 2),
    "quotes": '"' * _SIZE,
    "open quotes in lines": '"\n' * (_SIZE // 2),
    "a long text": 'guest "' + "a" * _SIZE,
    "backslashes": 'guest "' + "\\" * _SIZE,
    "unclosed blocks": "device VGA a {\n" * 60_000,
    "unclosed blocks on a line": "device VGA a { " * 60_000,
    "unclosed hosts": "host {\nnetdev user a {\n" * 40_000,
    "spaces": " " * _SIZE,
    "spaces and a brace": " " * _SIZE + "}",
    "indented keywords": "boot {\n" + (" " * 1000 + "}}device\n") * 1000,
    "lines": "\n" * _SIZE,
    "hashes": "#" * _SIZE,
    "hashes in lines": "#\n" * (_SIZE // 8),
    "one word": "a" * _SIZE,
    "one number": "memory " + "9" * _SIZE,
    "one long line": "boot { " + "a on " * 25_000 + "}",
    "no values": "boot {\n" + "a\n" * 200_000 + "}",
    "long list": "boot { a [" + "1," * 40_000 + "] }",
    "lists in a list": "boot { a [" + "[]" * 25_000 + "] }",
    "empty blocks": "boot { " + "a {} " * 25_000 + "}",
    "deep and wide": "boot { a " + "[" * 60 + "[]" * 25_000 + "]" * 60 + "}",
    "headers": "machdesc 1\n" * 90_000,
    "keywords": "device " * 50_000,
    "versions": "machine a @ " * 80_000,
    "commas": "," * _SIZE,
    "repeated properties": "boot {\n" + "a 1\n" * 40_000 + "}",
    "the same id": "device VGA a\n" * 20_000,
    "removals": "".join(f"remove device d{i}\n" for i in range(20_000)),
    "includes": 'include "a"\n' * 20_000,
    "comments": "boot { " + "# a\n" * 100_000 + "a 1 }",
}


@pytest.mark.parametrize("body", _LARGE.values(), ids=list(_LARGE))
def test_large_texts_end_soon(body: str) -> None:
    with _soon():
        _survives("machdesc 1\n" + body)


@pytest.mark.parametrize(
    "text",
    [
        "```machdesc\n}\n```\n" * 50_000,
        "```machdesc\nmachdesc 1\n```\n" * 40_000,
        "```machdesc\nboot {\n```\n" * 40_000,
        "`" * _SIZE,
        "```\n" * (_SIZE // 4),
        "``` `\n" * (_SIZE // 6),
        "```machdesc\n" + "~" * _SIZE,
        "   ```machdesc" + " " * _SIZE,
        " " * _SIZE,
    ],
    ids=[
        "wrong blocks", "blocks with a header", "unclosed in blocks", "backticks", "fences", "no fences",
        "an open block", "an info of spaces", "spaces",
    ],
)  # fmt: skip
def test_large_literate_texts_end_soon(text: str) -> None:
    with _soon():
        _survives(text)


def test_many_devices() -> None:
    text = "machdesc 1\n" + "".join(f"device VGA v{i} at b{i}\n" for i in range(50_000))
    with _soon(20):
        tree, diagnostics = parse(source_of(text))
        assert not diagnostics
        assert len(tree.statements) == 50_000
        assert format_tree(tree) == text
        description, diagnostics = load_source(source_of(text))
        assert description is not None
        assert not diagnostics


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    large = tmp_path / "large.md"
    large.write_bytes(b"machdesc 1\n" + b" " * (1 << 20))
    latin = tmp_path / "latin.md"
    latin.write_bytes(b"machdesc 1\n\nguest \xe9\n")
    for path, words in (
        (large, "larger than 1048576 bytes"),
        (latin, "byte 0xe9 in line 3"),
        (tmp_path, "directory"),
        (tmp_path / "none.md", "No such file"),
    ):
        description, diagnostics = load(str(path))
        assert description is None
        assert [d.code for d in diagnostics] == ["unreadable"]
        assert words in diagnostics[0].message
