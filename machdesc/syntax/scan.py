"""Scanner: cuts a text into tokens, line by line, with the methods of strings.

After this phase: `Tokens` hold every word, bracket and quoted text with its place; white space
and comments are gone. What a bare word is (a keyword, a name, a number) depends on where it
stands, and is the parser's to say. A quote that begins no text of the language is a token of
its own, `"`, which fits nowhere.

A regular expression would say the same in one line, but importing `re` and compiling it take
longer than reading a guest. The tests hold this against the grammar's own terminals.
"""

from __future__ import annotations

from machdesc.record import Record
from machdesc.source import Source
from machdesc.syntax.form import BARE_ENDS, PUNCTUATION

_HARMLESS = "".join(c for c in map(chr, range(33, 127)) if c not in BARE_ENDS)
"""The visible ASCII characters that may stand in a bare word."""

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
    text, punctuation = source.text, PUNCTUATION
    words: list[str] = []
    starts: list[int] = []
    first_of_line: set[int] = set()
    tokens = Tokens(words, starts, first_of_line, end)
    find, add_word, add_start, add_first = text.find, words.append, starts.append, first_of_line.add
    clean = set(punctuation)
    line_start = start
    for line in text[start:end].split("\n"):
        at = line_start
        line_start += len(line) + 1
        add_first(len(words))
        if "#" in line:
            _scan_rest(text, at, line_start - 1, tokens)
            continue
        for word in line.split():
            at = find(word, at)
            if word not in clean:
                if not word.isalnum() and word.strip(_HARMLESS) and not _is_plain_string(word):
                    _scan_rest(text, at, line_start - 1, tokens)
                    break
                clean.add(word)
            add_word(word)
            add_start(at)
            at += len(word)
    return tokens


def _is_plain_string(word: str) -> bool:
    """Whether a word without white space is one quoted text, with nothing in it to look at twice."""
    inside = word[1:-1]
    return (
        len(word) > 1
        and word[0] == word[-1] == '"'
        and '"' not in inside
        and "\\" not in inside
        and word.isprintable()
    )


def _scan_rest(text: str, at: int, end: int, tokens: Tokens) -> None:
    """Adds the tokens of `[at, end)`, the rest of a line, character by character."""
    while at < end:
        character = text[at]
        if character == "#":
            return
        if character.isspace():
            at += 1
            continue
        stop = at + 1
        if character == '"':
            stop = _string_end(text, at, end)
        elif character not in PUNCTUATION:
            while stop < end and text[stop] not in _NEVER_BARE and not text[stop].isspace():
                stop += 1
        tokens.words.append(text[at:stop])
        tokens.starts.append(at)
        at = stop


def _string_end(text: str, start: int, end: int) -> int:
    """Where the quoted text that begins at `start` ends; behind its first quote when it is none."""
    at = start + 1
    while at < end:
        character = text[at]
        if character == '"':
            return at + 1
        if character < " " or character == "\x7f":
            break
        if character == "\\":
            at += 1
            if at >= end or text[at] not in '"\\nt':
                break
        at += 1
    return start + 1
