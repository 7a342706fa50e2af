"""Scanner: cuts a text into tokens, line by line, with the methods of strings.

After this phase: `Tokens` hold every word, bracket and quoted text with its place; white space
and comments are gone. What a bare word is (a keyword, a name, a number) depends on where it
stands, and is the parser's to say. A quote that begins no text of the language is a token of
its own, `"`, which fits nowhere.

A regular expression would say the same in one line, but importing `re` and compiling it take
longer than reading a guest. The tests hold this against the grammar's own terminals.
"""

from __future__ import annotations

from machdesc.memo import Memo
from machdesc.record import Record
from machdesc.source import Source
from machdesc.syntax.form import BARE_ENDS, PUNCTUATION

_HARMLESS = "".join(c for c in map(chr, range(33, 127)) if c not in BARE_ENDS)
"""The visible ASCII characters that may stand in a bare word."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Cut = tuple[list[str], list[int]]

_NEVER_BARE = frozenset(BARE_ENDS)


class Tokens(Record):
    """The tokens of one region: their words, the offsets at which these begin, the indices of
    those that are the first on their line, and the offset at which the region ends."""

    words: list[str]
    starts: list[int]
    first_of_line: set[int]
    end: int


def scan(source: Source, start: int, end: int) -> Tokens:
    """All tokens of `[start, end)`."""
    words: list[str] = []
    starts: list[int] = []
    first_of_line: set[int] = set()
    add_start, add_first, cuts = starts.append, first_of_line.add, _cuts
    line_start = start
    for line in source.text[start:end].split("\n"):
        if line:
            line_words, offsets = cuts[line]
            add_first(len(words))
            words += line_words
            for offset in offsets:
                add_start(line_start + offset)
        line_start += len(line) + 1
    return Tokens(words, starts, first_of_line, end)


def _cut(line: str) -> Cut:
    """The words of a line, and where in it they begin."""
    words: list[str] = []
    starts: list[int] = []
    at = 0
    if "#" in line:
        _cut_rest(line, at, words, starts)
        return words, starts
    for word in line.split():
        at = line.find(word, at)
        if not word.isalnum() and word.strip(_HARMLESS) and not _is_whole(word):
            _cut_rest(line, at, words, starts)
            break
        words.append(word)
        starts.append(at)
        at += len(word)
    return words, starts


_cuts = Memo(_cut)


def _is_whole(word: str) -> bool:
    """Whether it is one token that ends bare words: a mark, or a quoted text with nothing in it to look at
    twice."""
    inside = word[1:-1]
    return word in PUNCTUATION or (
        len(word) > 1
        and word[0] == word[-1] == '"'
        and '"' not in inside
        and "\\" not in inside
        and word.isprintable()
    )


def _cut_rest(line: str, at: int, words: list[str], starts: list[int]) -> None:
    """Adds the words from `at` on, character by character."""
    end = len(line)
    while at < end:
        character = line[at]
        if character == "#":
            return
        if character.isspace():
            at += 1
            continue
        stop = at + 1
        if character == '"':
            stop = _string_end(line, at)
        elif character not in PUNCTUATION:
            while stop < end and line[stop] not in _NEVER_BARE and not line[stop].isspace():
                stop += 1
        words.append(line[at:stop])
        starts.append(at)
        at = stop


def _string_end(line: str, start: int) -> int:
    """Where the quoted text that begins at `start` ends; behind its first quote when it is none."""
    at, end = start + 1, len(line)
    while at < end:
        character = line[at]
        if character == '"':
            return at + 1
        if character < " " or character == "\x7f":
            break
        if character == "\\":
            at += 1
            if at >= end or line[at] not in '"\\nt':
                break
        at += 1
    return start + 1
