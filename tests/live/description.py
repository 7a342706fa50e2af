"""Reads the example guests without any code of machdesc.

A parser that lost a device would also lose it from a test that asks the parser what there is. So
the live tests read descriptions in their own, simpler way: the examples hold no includes, and
their text is canonical.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|#[^\n]*|[{}\[\],]|[^\s{}\[\]",]+')


class Part(NamedTuple):
    """One statement: its words before the brace, its scalar properties as texts, its lists' lengths."""

    words: tuple[str, ...]
    properties: dict[str, str]
    lists: dict[str, int]

    @property
    def keyword(self) -> str:
        return self.words[0]

    @property
    def type(self) -> str:
        return self.words[1]

    @property
    def address(self) -> str:
        """`BUS` or `BUS/UNIT`; empty when the part says none."""
        return self.words[self.words.index("at") + 1] if "at" in self.words else ""

    @property
    def id(self) -> str:
        """Id of a device or an object: the word after its type and version."""
        rest = self.words[2:]
        if rest[:1] == ("@",):
            rest = rest[2:]
        return rest[0]


class Example(NamedTuple):
    """An example guest: what it promises, and the shell lines that prepare its files."""

    path: Path
    parts: tuple[Part, ...]
    preparation: str

    @property
    def name(self) -> str:
        return self.path.stem

    def all(self, keyword: str) -> list[Part]:
        """Parts that begin with `keyword`."""
        return [part for part in self.parts if part.keyword == keyword]

    def one(self, keyword: str) -> Part:
        """The only part that begins with `keyword`."""
        (part,) = self.all(keyword)
        return part


def read_example(path: Path) -> Example:
    """Read one example; what stands in `host` is left out, it is no promise."""
    text = path.read_text()
    promise: list[Part] = []
    for fence in _fences(text, "machdesc"):
        promise += _parts(_TOKEN.findall(fence))
    return Example(path, tuple(promise), "".join(_fences(text, "sh")))


def examples() -> list[Example]:
    """All example guests, by name."""
    found = [read_example(path) for path in sorted(EXAMPLES.glob("*.md"))]
    return [example for example in found if example.parts]


def unquoted(word: str) -> str:
    """A value's text without quotes and escapes."""
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word.startswith('"') else word


def integer(text: str) -> int | None:
    """The value of a number with or without a unit, in bytes; None for any other text."""
    found = re.fullmatch(r"(-?(?:0[xX][0-9a-fA-F]+|\d+))(?:([KMGT])(?:iB)?)?", text)
    return int(found.group(1), 0) * UNITS[found.group(2) or ""] if found else None


def _fences(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _parts(tokens: list[str]) -> list[Part]:
    """Statements of one fence: a head ends at a brace or, in canonical text, before a keyword."""
    keywords = {"machdesc", "guest", "machine", "cpu", "memory", "numa", "device", "object"}
    keywords |= {"global", "boot", "smbios", "fw_cfg", "rtc", "host"}
    parts: list[Part] = []
    position = 0
    while position < len(tokens):
        words = [tokens[position]]
        position += 1
        while position < len(tokens) and tokens[position] != "{" and tokens[position] not in keywords:
            words.append(tokens[position])
            position += 1
        properties: dict[str, str] = {}
        lists: dict[str, int] = {}
        if position < len(tokens) and tokens[position] == "{":
            if words[0] == "host":
                position = _past(tokens, position)
            else:
                position = _block(tokens, position + 1, properties, lists)
        if words[0] != "host":
            parts.append(Part(tuple(unquoted(word) for word in words), properties, lists))
    return parts


def _block(tokens: list[str], position: int, properties: dict[str, str], lists: dict[str, int]) -> int:
    """Collect properties up to the closing brace, nested blocks apart; returns the position after it."""
    while tokens[position] != "}":
        if tokens[position + 1] in "{[":
            end = _past(tokens, position + 1)
            if tokens[position + 1] == "[":
                lists[tokens[position]] = sum(token != "," for token in tokens[position + 2 : end - 1])
            position = end
        else:
            properties[tokens[position]] = unquoted(tokens[position + 1])
            position += 2
    return position + 1


def _past(tokens: list[str], position: int) -> int:
    """Position after the bracket that closes the one at `position`."""
    depth = 0
    while True:
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(tokens[position], 0)
        position += 1
        if depth == 0:
            return position
