"""Tables for people: columns as wide as what stands in them, without a line of their own."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CELL = 48
"""Characters that a cell other than the last of its row may have; longer ones push their row out."""


def aligned(rows: Iterable[tuple[str, ...]], indent: str = "") -> list[str]:
    """Rows as lines, with two spaces between columns."""
    rows = list(rows)
    widths: dict[int, int] = {}
    for row in rows:
        for place, cell in enumerate(row[:-1]):
            widths[place] = max(widths.get(place, 0), min(len(cell), MAX_CELL))
    lines = []
    for row in rows:
        cells = [cell.ljust(widths[place]) for place, cell in enumerate(row[:-1])]
        lines.append((indent + "  ".join((*cells, row[-1]))).rstrip())
    return lines


def span_of(releases: tuple[str, ...], known: tuple[str, ...]) -> str:
    """Releases as people write them: `5.2 to 11.1` where none that is known is left out between."""
    if len(releases) < 2:
        return "".join(releases)
    first, last = known.index(releases[0]), known.index(releases[-1])
    if tuple(known[first : last + 1]) == releases:
        return f"{releases[0]} to {releases[-1]}"
    return ", ".join(releases)


def shown(value: object) -> str:
    """A value as the language has it; `-` for one that is not known, quotes around what would not be
    seen."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    text = str(value)
    return f'"{text}"' if not text or text != text.strip() or " " in text else text
