"""The scanner and the reader of numbers against the grammar's own terminals."""

from __future__ import annotations

import re
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from machdesc.source import source_of
from machdesc.syntax.generate import BARE, lark_parser
from machdesc.syntax.scan import scan
from machdesc.syntax.value import UNITS, parse_number
from tests.syntax.profile import examples
from tests.syntax.text import damaged, literate_text, raw_text


@cache
def _patterns() -> dict[str, str]:
    return {terminal.name: terminal.pattern.to_regexp() for terminal in lark_parser().terminals}


@cache
def _scanner() -> re.Pattern[str]:
    """All tokens by one expression, made of the grammar's terminals; a stray quote is one of them."""
    terminals = _patterns()
    brackets = "|".join(terminals[n] for n in ("LBRACE", "RBRACE", "LSQB", "RSQB", "COMMA", "AT_SIGN"))
    ignored = f"{terminals['SPACE']}|{terminals['COMMENT']}"
    # The end of the text is a match too: else the expression would try again with less ignored.
    return re.compile(f"(?:{ignored})*(?:(?P<token>{terminals['STRING']}|{brackets}|{BARE}|.)|\\Z)")


def _agrees(text: str) -> None:
    tokens = scan(source_of(text), 0, len(text))
    expected = [match for match in _scanner().finditer(text) if match["token"]]
    assert tokens.words == [match["token"] for match in expected]
    assert tokens.starts == [match.start("token") for match in expected]
    for index, start in enumerate(tokens.starts):
        before = tokens.starts[index - 1] if index else 0
        first = index == 0 or "\n" in text[before:start]
        assert (index in tokens.first_of_line) == first


@examples(150)
@given(st.one_of(raw_text(), damaged(raw_text()), damaged(literate_text()), st.text()))
def test_tokens_are_those_of_the_grammar(text: str) -> None:
    _agrees(text)


_PIECE = st.sampled_from([*"\"\\# \t\r\n\x0b\x1c\x85\xa0\u2028\x00\x7f{}[],@a-é0²'", '\\"', "\\n", "x y"])


@examples(400)
@given(st.lists(_PIECE, max_size=12).map("".join))
def test_tokens_of_odd_characters_are_those_of_the_grammar(text: str) -> None:
    _agrees(text)


_DIGITS = st.text("0123456789", min_size=0, max_size=34)
_NUMERAL = st.tuples(
    st.sampled_from(["", "-", "--", "+"]),
    st.sampled_from(["", "0x", "0X"]),
    _DIGITS,
    st.sampled_from(["", ".", ".5", ".0", "..", "e3", "af", "²"]),
    st.sampled_from([*UNITS, "iB", "k", "KB", "x", "_1"]),
).map("".join)


@examples(400)
@given(st.one_of(_NUMERAL, st.text(min_size=1, max_size=8)))
def test_numbers_are_those_of_the_grammar(word: str) -> None:
    is_number = re.fullmatch(_patterns()["NUMBER"], word) is not None
    assert not word or (parse_number(word) is not None) == is_number
