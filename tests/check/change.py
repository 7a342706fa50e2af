"""Changes of a text, and what `check` finds of them."""

from __future__ import annotations

import machdesc
from machdesc.check.compare import check_guests
from machdesc.resolve.guest import Guest


def guest(text: str, release: str = "11.1") -> Guest:
    """The guest of a text, which has no errors."""
    description, diagnostics = machdesc.load_source(machdesc.source_of(text))
    assert description is not None, [d.message for d in diagnostics]
    resolved, more = machdesc.resolve_description(description, release)
    assert not machdesc.has_errors([*diagnostics, *more]), [d.message for d in (*diagnostics, *more)]
    return resolved


def told(old: str, new: str, release: str = "11.1") -> list[str]:
    """The rules and subjects of all that is found between two texts; a `?` behind what is undecided."""
    found = check_guests(guest(old, release), guest(new, release))
    return sorted({f"{f.name} {f.subject}{'?' if f.undecided else ''}" for f in found})


def changed(text: str, *changes: tuple[str, str]) -> str:
    """The text with some words in place of others, each of which it has."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return text


def exchanged(text: str, first: str, second: str) -> str:
    """The text with two of its lines in each other's place, each the only one that has the words."""
    lines = text.splitlines()
    one, other = ([number for number, line in enumerate(lines) if words in line] for words in (first, second))
    assert len(one) == len(other) == 1
    lines[one[0]], lines[other[0]] = lines[other[0]], lines[one[0]]
    return "\n".join(lines) + "\n"
