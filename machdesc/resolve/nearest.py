"""Suggestions: the nearest of some names to one that is not known."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """``did you mean `X`?`` with the nearest name, or nothing when none is near."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(names), 1)
    return f"did you mean `{close[0]}`?" if close else ""
