"""Wildcards: names that a pattern of the project's own tables stands for."""

from __future__ import annotations


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern, in which `*` stands for any text, means a name.

    `fnmatch` would do, but brings in `re`, which costs more than comparing two guests.
    """
    if "*" not in pattern:
        return name == pattern
    first, *others, last = pattern.split("*")
    at, end = len(first), len(name) - len(last)
    if end < at or not (name.startswith(first) and name.endswith(last)):
        return False
    for piece in others:
        at = name.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
