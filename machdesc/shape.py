"""Shapes of JSON that somebody else wrote: what a value must be before code relies on it.

A shape is written like the value: `str`, `bool`, `int` (no bool) or `float` (any number) for a scalar, `ANY`;
`[X]` for a list of X; `{"key": X, "other?": X}` for an object that has one key, may have another, and may
have more that nobody reads; `{str: X}` for an object with any keys; `(X, Y)` for either. A `Text` or a
`Whole` limits a scalar.

`parse_json` reads a text, and refuses what later code could stumble over: nesting without end, and texts that
no file can hold.
"""

from __future__ import annotations

import re

from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Shape = Any

MOST_DEPTH = 100
"""Nesting of what is read whole. QEMU nests deepest in layouts of states, less than 20."""


class Text(Record):
    """A text that a pattern matches as a whole; `what` is what it is called in messages."""

    pattern: re.Pattern[str]
    what: str


class Whole(Record):
    """A whole number within limits, both included."""

    low: int
    high: int


_HALF = re.compile(r"[\ud800-\udfff]")

_SHOWN = 40
"""Characters of a text in a message."""

ANY = object()
"""Any JSON."""

SIZE = Whole(0, (1 << 64) - 1)
"""What QEMU counts without a sign."""

NUMBER = Whole(-(1 << 63), (1 << 64) - 1)
"""What fits QEMU's integers."""

WORD = Text(re.compile(r"[A-Za-z0-9_.,:+~ -]{1,256}"), "the name of a type")
"""A QOM type, or the like; `ICH9 SMB` of 5.2 has a space."""

_NAMES = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


def misfit(value: object, shape: Shape) -> str:
    """Where a value is not of a shape and why, as `0.name: expected a text, found null`; empty when it is."""
    found = _misfit(value, shape)
    return "" if found is None else f"{found[0]}: {found[1]}" if found[0] else found[1]


def parse_json(text: str | bytes, *, any_text: bool = False) -> Any:
    """The value of a JSON text; with `any_text` also one with texts that no file can hold.

    :raises ValueError: when it is none, is nested too deeply, or holds what no file can.
    """
    import json

    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if why := _flaw(value, any_text):
        raise ValueError(why)
    return value


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is no JSON")


def _misfit(value: object, shape: Shape) -> tuple[str, str] | None:
    if isinstance(shape, dict):
        return _misfit_object(value, shape)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return "", f"expected a list, found {_called(value)}"
        return _first(enumerate(value), shape[0])
    if type(shape) is tuple:
        if any(_misfit(value, each) is None for each in shape):
            return None
        return "", f"expected {' or '.join(map(_expected, shape))}, found {_called(value)}"
    if _fits(value, shape):
        why = _flaw(value)
        return ("", why) if why else None
    return "", f"expected {_expected(shape)}, found {_called(value)}"


def _misfit_object(value: object, shape: dict[Any, Shape]) -> tuple[str, str] | None:
    if not isinstance(value, dict):
        return "", f"expected an object, found {_called(value)}"
    if str in shape:
        for key in value:
            if why := _flaw(key):
                return "", why
        return _first(value.items(), shape[str])
    for key, inner in shape.items():
        name = key.removesuffix("?")
        if name in value:
            if (found := _misfit(value[name], inner)) is not None:
                return _below(name, found)
        elif name == key:
            return "", f"`{name}` is missing"
    return None


def _first(items: Any, shape: Shape) -> tuple[str, str] | None:
    for name, inner in items:
        if (found := _misfit(inner, shape)) is not None:
            return _below(name, found)
    return None


def _below(name: object, found: tuple[str, str]) -> tuple[str, str]:
    return (f"{name}.{found[0]}" if found[0] else str(name)), found[1]


def _fits(value: object, shape: Shape) -> bool:
    """Whether a value is of a shape that has none within."""
    if shape is ANY:
        return True
    if isinstance(shape, Whole):
        return isinstance(value, int) and not isinstance(value, bool) and shape.low <= value <= shape.high
    if isinstance(shape, Text):
        return isinstance(value, str) and shape.pattern.fullmatch(value) is not None
    if shape is None:
        return value is None
    if shape is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, shape) and (shape is bool or not isinstance(value, bool))


def _expected(shape: Shape) -> str:
    if isinstance(shape, Whole):
        return f"a whole number from {shape.low} to {shape.high}"
    if isinstance(shape, Text):
        return shape.what
    if isinstance(shape, (dict, list)):
        return "an object" if isinstance(shape, dict) else "a list"
    return "null" if shape is None else _NAMES.get(shape, "a value")


def _called(value: object) -> str:
    if isinstance(value, str):
        return f"the text {value[:_SHOWN]!a}"
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) and abs(value) < 1 << 65 else "a number"


def _flaw(value: object, any_text: bool = False) -> str:
    """What is wrong with a value of any shape; empty when nothing is. Does not recurse."""
    waiting = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, str):
            if (
                not any_text
                and not each.isascii()
                and any("\ud800" <= character <= "\udfff" for character in each)
            ):
                return "holds half a character (a lone surrogate)"
        elif isinstance(each, (dict, list)):
            if depth == MOST_DEPTH:
                return f"is nested more than {MOST_DEPTH} deep"
            inner = [*each.keys(), *each.values()] if isinstance(each, dict) else each
            waiting += [(item, depth + 1) for item in inner]
    return ""
