"""A saved state of one release does not fit another one.

What it checks: the sections of the guest's devices, as both releases tell them: names, versions, fields
with their lengths, subsections; and of the way back, as a note, what would not load there.

Why the guest notices: QEMU refuses the state, or reads one field's bytes as another's, and a live migration
fails.

How to fix: move the guest while it is switched off, or to a release whose layouts fit.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD073"
BREAKS = "live"


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement:
    """An obstacle that is certain breaks `live`; of a field that is there on a condition it cannot be
    decided; a subsection is saved only by a guest that does what it is for, and is a note."""
    way, _, when = difference.name.partition(" ")
    text = difference.what
    if way == "backwards":
        return Judgement("", message=f"on the way back, {text}")
    if way == "untold":
        return Judgement("", message=text)
    if when == "subsection":
        return Judgement("", message=f"{text}; it is saved only when the guest does what it is for")
    if when == "field":
        text = f"{text}; cannot decide whether it is there, because a function of QEMU decides"
        return Judgement(BREAKS, True, text)
    return Judgement(BREAKS, message=text)
