"""The accelerator is another one, or set otherwise.

What it checks: the first `accel` in `host`, its kind and what of its settings the guest sees, such as
`kernel-irqchip`.

Why the guest notices: processor features that one accelerator lacks are off under it, and interrupt
controllers may be others.

How to fix: keep the accelerator, or name only features that both have.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD071"
BREAKS = "additive"


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement | None:
    """A setting makes other hardware; what another accelerator lacks shows when the guest starts."""
    return Judgement("additive" if difference.name else "cold")
