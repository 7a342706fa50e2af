"""The order of versions: 9.2 before 10.0, a distribution's words before numbers."""

from __future__ import annotations

from itertools import groupby


def version_key(version: str) -> tuple[tuple[int, str], ...]:
    """A key to sort release numbers and ABI versions by."""
    runs = ("".join(run) for word in version.split(".") for _, run in groupby(word, str.isdecimal))
    return tuple((int(run), "") if run.isdecimal() else (-1, run) for run in runs)
