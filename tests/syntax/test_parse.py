"""The parser against Lark: the same texts, the same trees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from machdesc.source import source_of
from machdesc.syntax.generate import module_texts
from machdesc.syntax.lalr import MAX_DEPTH
from machdesc.syntax.location import grammar_path
from machdesc.syntax.parse import parse
from machdesc.syntax.tree import Block, List, Number, String, Word, same
from tests.syntax.profile import examples
from tests.syntax.reference import reference
from tests.syntax.text import damaged, example, literate_text, raw_text


def _raw_of(text: str) -> str:
    """The regions of a literate text, as one raw text."""
    source = source_of(text)
    return "".join(text[region.start : region.end] for region in source.regions)


def _agrees(text: str) -> bool:
    """Checks a raw text; whether it is of the language."""
    if not text.startswith("machdesc 1"):
        text = "machdesc 1\n" + text
    source = source_of(text)
    if source.literate:
        return False
    tree, diagnostics = parse(source)
    if any(d.code == "too-deep" for d in diagnostics):
        return False
    expected = reference(source)
    assert (expected is not None) == (not diagnostics), diagnostics[:1]
    if expected is None:
        return False
    assert same(tree, expected)
    assert [s.span[:2] for s in tree.statements] == [s.span[:2] for s in expected.statements]
    return True


@examples(100)
@given(raw_text())
def test_valid_texts_are_read_as_lark_reads_them(text: str) -> None:
    assert _agrees(text), parse(source_of(text))[1][:1]


@examples(100)
@given(damaged(raw_text()))
def test_damaged_texts_are_accepted_or_refused_as_by_lark(text: str) -> None:
    _agrees(text)


@examples(25)
@given(damaged(example.map(_raw_of)))
def test_damaged_examples_are_accepted_or_refused_as_by_lark(text: str) -> None:
    _agrees(text)


@examples(25)
@given(literate_text())
def test_a_literate_text_is_its_blocks(text: str) -> None:
    tree, diagnostics = parse(source_of(text))
    assert not diagnostics
    raw, _ = parse(source_of(_raw_of(text)))
    assert same(tree.statements, raw.statements)


@examples(30)
@given(st.data())
def test_spans_lie_in_their_text(data: st.DataObject) -> None:
    text = data.draw(st.one_of(raw_text(), literate_text(), damaged(literate_text())))
    source = source_of(text)
    tree, diagnostics = parse(source)
    for diagnostic in diagnostics:
        if diagnostic.span is not None:
            assert 0 <= diagnostic.span[0] <= diagnostic.span[1] <= len(text)
            assert any(r.start <= diagnostic.span[0] <= r.end for r in source.regions)
    for statement in tree.statements:
        start, end = statement.keyword_span[:2]
        assert text[start:end] == statement.keyword


def test_commas_of_a_list_may_be_left_out() -> None:
    tree, diagnostics = parse(source_of("machdesc 1\nboot { a [x y, 1 2 [z] {p q} w] b c }"))
    assert not diagnostics
    items = tree.statements[0].properties[0].value
    assert isinstance(items, List)
    assert [type(item) for item in items.items] == [Word, Word, Number, Number, List, Block, Word]


def test_numbers_and_texts() -> None:
    text = r'machdesc 1 boot { a 8GiB b 0x1F c 1.5K d -3 e 0.25 f "\"\\n\n\t" g ' + "9" * 40 + " }"
    tree, diagnostics = parse(source_of(text))
    assert not diagnostics
    values = [item.value for item in tree.statements[0].properties]
    numbers = [v.value for v in values if isinstance(v, Number)]
    assert numbers == [8 << 30, 31, 1536, -3, 0.25]
    assert [v.text for v in values if isinstance(v, String)] == ['"\\n\n\t']
    assert isinstance(values[-1], Word)


def test_depth_is_limited() -> None:
    def nested(depth: int) -> list[str]:
        text = "machdesc 1\nboot " + "{ a " * (depth - 1) + "{}" + "}" * (depth - 1)
        return [d.code for d in parse(source_of(text))[1]]

    assert nested(MAX_DEPTH) == []
    assert "too-deep" in nested(MAX_DEPTH + 1)


def test_the_modules_are_what_the_grammar_says() -> None:
    for name, text in module_texts().items():
        path = grammar_path().parent.parent / "machdesc" / "syntax" / name
        assert path.read_text(encoding="utf-8") == text
