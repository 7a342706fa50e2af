"""Reduction: the smallest case found that shows the same, by leaving out parts of its files and words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from tests.attack.case import Case

SECONDS = 15.0
"""How long one case is worth."""

_LINES = re.compile(rb"[^\n]*\n|[^\n]+")
T = TypeVar("T")

_TOKENS = re.compile(rb'"[^"\n]*"|\s+|[{}\[\],@]|[^\s{}\[\]",#@]+|.', re.DOTALL)


def reduced(case: Case, shows: Callable[[Case], bool], seconds: float = SECONDS) -> Case:
    """A smaller case that still `shows` what this one does; this one when there is none."""
    end = time.monotonic() + seconds

    def still(smaller: Case) -> bool:
        return time.monotonic() < end and shows(smaller)

    for name in list(case.files):
        without = case._replace(files={other: data for other, data in case.files.items() if other != name})
        if still(without):
            case = without
    for expression in (_LINES, _TOKENS):
        for name in case.files:
            with_parts = partial(_with_parts, case, name)
            parts = _fewer(expression.findall(case.files[name]), _both(with_parts, still))
            case = with_parts(parts)
    words = list(case.words)
    if case.plan not in ("text", "pair"):
        # There, the words have their places.
        words = _fewer(words, lambda some: still(case._replace(words=tuple(some))))
    return case._replace(words=tuple(words))


def _both(
    make: Callable[[list[bytes]], Case], shows: Callable[[Case], bool]
) -> Callable[[list[bytes]], bool]:
    return lambda parts: shows(make(parts))


def _with_parts(case: Case, name: str, parts: list[bytes]) -> Case:
    """The case with other bytes in a file."""
    return case._replace(files={**case.files, name: b"".join(parts)})


def _fewer(parts: list[T], shows: Callable[[list[T]], bool]) -> list[T]:
    """Delta debugging: ever smaller stretches are left out, as long as the rest shows the same."""
    size = max(1, len(parts) // 2)
    while parts:
        at, smaller = 0, False
        while at < len(parts):
            rest = parts[:at] + parts[at + size :]
            if shows(rest):
                parts, smaller = rest, True
            else:
                at += size
        if size == 1 and not smaller:
            break
        size = max(1, size // 2)
    return parts
