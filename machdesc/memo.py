"""Memos: what a function gave for the texts that it was asked about lately.

The guests of a fleet say the same things in the same words, and so do the devices of one guest.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    K = TypeVar("K")
    V = TypeVar("V")

MOST = 1 << 14
"""How many texts one memo holds; it begins anew when it is full."""

LONGEST = 100
"""How long the texts are that are worth it, in characters."""


class Memo(dict[str, "V"]):
    """`memo[text]` is what the function gives for the text. Nobody may change what it gave."""

    def __init__(self, function: Callable[[str], V]) -> None:
        self._function = function

    def __missing__(self, text: str) -> V:
        found = self._function(text)
        if len(text) <= LONGEST:
            if len(self) >= MOST:
                self.clear()
            self[text] = found
        return found


def kept(function: Callable[[K], V]) -> Callable[[K], V]:
    """A function of one object, such as a guest, that gives again what it gave for the last few of them.

    They are compared by identity. Nobody may change what it gave.
    """
    last: list[tuple[K, V]] = []

    def ask(object: K) -> V:
        for known, found in last:
            if known is object:
                return found
        found = function(object)
        last[:] = [(object, found), *last[: _KEPT - 1]]
        return found

    return ask


_KEPT = 4
