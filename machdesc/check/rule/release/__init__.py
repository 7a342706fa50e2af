"""The guest runs under another release of QEMU.

What it checks: the releases of both sides, and whether a known defect of one of them meets a device of the
guest.

Why the guest notices: a machine type keeps the guest's hardware across releases, but for what a defect of a
release changes.

How to fix: take a build in which the defect is mended, or move the guest while it is switched off.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD001"
BREAKS = ""


def judge(difference: Difference, old: Guest, new: Guest) -> list[Judgement]:
    """The defects that the guest runs into; without one, another release breaks nothing."""
    from machdesc.check.defect import find_defects

    return [
        Judgement(
            defect.breaks,
            bool(defect.doubt),
            f"{defect.text}, because {defect.doubt}" if defect.doubt else defect.text,
        )
        for defect in find_defects(old, new)
    ]
