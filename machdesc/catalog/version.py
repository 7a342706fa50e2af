"""The order of versions: 9.2 before 10.0, a distribution's words before numbers."""

from __future__ import annotations

import re

_parts = re.compile(r"\d+|[^\d.]+").findall


def version_key(version: str) -> tuple[tuple[int, str], ...]:
    """A key to sort release numbers and ABI versions by."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in _parts(version))
