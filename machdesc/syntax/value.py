"""Values: the node of a token that is one, and what a number like `8GiB` or `0x10` is worth.

The tests hold this against the grammar's `NUMBER` and `STRING`.
"""

from __future__ import annotations

from machdesc.memo import Memo
from machdesc.source import Source
from machdesc.syntax.tree import Number, String, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_DIGITS = 32
"""Digits that a number may have before and behind its point; QEMU's have 64 bits."""

UNITS = {"": 1, "B": 1} | {
    prefix + suffix: 1 << (10 * (power + 1)) for power, prefix in enumerate("KMGTPE") for suffix in ("", "iB")
}
"""Factors of the units of memory: all are binary, as QEMU's are (qemu_strtosz)."""

_FIRST = frozenset("-0123456789")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}

_new = tuple.__new__
"""Makes the commonest nodes without the detour over a named tuple's own constructor."""


def scalar(word: str, start: int, end: int, source: Source) -> Word | Number | String:
    """The node of a token that is a plain value."""
    kind, fields = SCALARS[word]
    return _new(kind, (*fields, (start, end, source)))


def _scalar(word: str) -> tuple[type[Word | Number | String], tuple[Any, ...]]:
    """The kind of node of a plain value, and its fields but for its place."""
    if word[0] == '"':
        return String, (unescaped(word[1:-1]),)
    number = parse_number(word)
    return (Number, (word, *number)) if number is not None else (Word, (word,))


SCALARS = Memo(_scalar)
"""By the word, the kind of node that it is as a plain value, and the node's fields but for the place."""


def unescaped(text: str) -> str:
    """The inside of a quoted text, without its escapes."""
    if "\\" not in text:
        return text
    pieces = text.split("\\\\")
    for escape, character in _ESCAPES.items():
        if escape != "\\":
            pieces = [piece.replace("\\" + escape, character) for piece in pieces]
    return "\\".join(pieces)


def parse_number(word: str) -> tuple[int | float, str] | None:
    """The value of a word and its unit's text, or None when it is no number.

    With a unit the value is in bytes; one with a point is a float where it is not whole.
    """
    if word.isdigit() and word.isascii():
        return (int(word), "") if len(word) <= MOST_DIGITS else None
    if word[0] not in _FIRST:
        return None
    unsigned = word[1:] if word[0] == "-" else word
    if unsigned[:2] in ("0x", "0X"):
        digits = unsigned[2:]
        if not 0 < len(digits) <= MOST_DIGITS or digits.strip("0123456789abcdefABCDEF"):
            return None
        return int(word, 16), ""
    digits = unsigned.rstrip("KMGTPEiB")
    unit = unsigned[len(digits) :]
    factor = UNITS.get(unit)
    whole, point, rest = digits.partition(".")
    if factor is None or not _are_digits(whole) or (point and not _are_digits(rest)):
        return None
    if word[0] == "-":
        digits = "-" + digits
    if not point:
        return int(digits) * factor, unit
    value = float(digits) * factor
    return (int(value) if unit and value.is_integer() else value), unit


def meant_size(word: str) -> str:
    """The size that a word such as `8GB` or `8gib` is meant to be, empty when it is none."""
    digits = word.rstrip("kmgtpeibKMGTPEIB")
    unit = word[len(digits) :].upper()
    if unit not in _LOOSE_UNITS or not _are_digits(digits.replace(".", "", 1)):
        return ""
    return f"{digits}{unit[0]}iB"


_LOOSE_UNITS = frozenset(prefix + suffix for prefix in "KMGTPE" for suffix in ("", "B", "IB"))


def _are_digits(text: str) -> bool:
    return 0 < len(text) <= MOST_DIGITS and text.isascii() and text.isdigit()
