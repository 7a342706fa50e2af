"""The nearest of some names to one that is not among them.

What that takes grows with the names, never with their square: of many, only those are compared letter
by letter that share the most pairs of letters with the name.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    Index = dict[str, list[str]]

LONGEST = 64
"""Letters of the longest name that something is suggested for; QEMU's own have up to 40."""

_MANY = 30
"""Names from which on they are narrowed down before they are compared."""

_COMPARED = 10
"""How many of them remain."""

_COMMON = 1000
"""A pair of letters that more names have hardly narrows them down."""


def nearest(name: str, names: Collection[str]) -> str:
    """The name that is most like another, as `difflib.get_close_matches` has it; empty when none is near."""
    if not 0 < len(name) <= LONGEST:
        return ""
    from difflib import get_close_matches

    known = names if len(names) <= _MANY else _similar(name, names)
    close = get_close_matches(name, [other for other in known if len(other) <= 2 * LONGEST], 1)
    return close[0] if close else ""


def _similar(name: str, names: Collection[str]) -> list[str]:
    """Those that share the most pairs of letters with a name, by how many more they have."""
    from heapq import nlargest

    index = _index(names)
    lists = [index[pair] for pair in {*_pairs(name)} if pair in index]
    rare = [some for some in lists if len(some) <= _COMMON]
    shared: dict[str, int] = {}
    for some in rare or [min(lists, key=len)[:_COMMON]] if lists else ():
        for other in some:
            shared[other] = shared.get(other, 0) + 1
    size = len(name)
    return nlargest(_COMPARED, shared, key=lambda other: (shared[other] / (size + len(other)), other))


def _pairs(name: str) -> list[str]:
    """Each two letters that follow each other, the first and the last with a mark of their own."""
    marked = f"\0{name}\0"
    return [marked[place : place + 2] for place in range(len(marked) - 1)]


def _index(names: Collection[str]) -> Index:
    """Pair of letters -> the names that have it; kept for the names that were asked about last."""
    if _last and _last[0][0] is names and _last[0][1] == len(names):
        return _last[0][2]
    index: Index = {}
    for other in names:
        if len(other) <= 2 * LONGEST:
            for pair in {*_pairs(other)}:
                index.setdefault(pair, []).append(other)
    _last[:] = [(names, len(names), index)]
    return index


_last: list[tuple[Collection[str], int, Index]] = []
