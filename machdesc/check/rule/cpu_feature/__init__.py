"""A feature or property of the CPU differs.

What it checks: every property in `cpu`, and what the machine types set for CPUs.

Why the guest notices: CPUID shows it; a running guest may already use it.

How to fix: write the old value.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD012"
BREAKS = "additive"


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement | None:
    """What the table of visible properties says of it."""
    from machdesc.check.visible import visibility

    breaks = visibility(difference, new)
    return Judgement(breaks) if breaks else None
