"""One value of a JSON document at a time, replaced by another."""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Iterator
from typing import Any

IS_LONG = os.environ.get("MACHDESC_ATTACK") == "long"

Way = tuple["str | int", ...]
"""Keys and numbers that lead to a value."""


def _deep(depth: int) -> object:
    value: object = []
    for _ in range(depth):
        value = [value]
    return value


OTHERS: tuple[Any, ...] = (
    *(None, [], {}, "", -1, 2**63, 2**200, True, 1.5, float("inf"), float("nan")),
    *("\x1b[31m", "a\nb", "\ud800", "x" * 5000, 'a"b{c}#', "é", "json:{", "json:" + "[" * 5000),
    *([None], {"": None}, ["a"], {"type": 3}, _deep(90), _deep(500)),
)


def ways(value: object, way: Way = ()) -> Iterator[Way]:
    """The ways to all values of a document, itself included."""
    yield way
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ways(inner, (*way, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from ways(inner, (*way, number))


def replaced(document: Any, way: Way, other: object) -> Any:
    """A copy with another value."""
    if not way:
        return other
    found = copy.copy(document)
    found[way[0]] = replaced(document[way[0]], way[1:], other)
    return found


def without(document: Any, way: Way) -> Any:
    """A copy without a value."""
    found = copy.copy(document)
    if len(way) == 1:
        del found[way[0]]
    else:
        found[way[0]] = without(document[way[0]], way[1:])
    return found


def mutants(document: Any, most: int, seed: int) -> Iterator[tuple[str, Any]]:
    """Mutants, and what each is called: some by default, all with MACHDESC_ATTACK=long."""
    found = list(ways(document))
    whole = [(way, number) for way in found for number in range(-1, len(OTHERS)) if way or number >= 0]
    chosen = whole if IS_LONG else random.Random(seed).sample(whole, min(most, len(whole)))
    for way, number in chosen:
        name = f"{'.'.join(map(str, way))} {'removed' if number < 0 else ascii(OTHERS[number])[:60]}"
        yield name, without(document, way) if number < 0 else replaced(document, way, OTHERS[number])
