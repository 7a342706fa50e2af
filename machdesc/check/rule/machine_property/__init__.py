"""A property of the machine differs.

What it checks: every property of the machine, with what the machine type has where nothing is written.

Why the guest notices: it decides which of the chipset's devices and tables there are.

How to fix: write the old value in `machine`.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD003"
BREAKS = "additive"


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement | None:
    """What the table of visible properties says of it."""
    from machdesc.check.visible import visibility

    breaks = visibility(difference, new)
    return Judgement(breaks) if breaks else None
