"""A string of SMBIOS differs.

What it checks: every `smbios` statement.

Why the guest notices: licences are often bound to these strings.

How to fix: keep them.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD063"
BREAKS = "additive"


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement | None:
    """Nothing for a microvm, which has no such tables (hw/i386/microvm.c never makes them)."""
    del difference
    machines = old.machine, new.machine
    if all(machine is not None and machine.family == "microvm" for machine in machines):
        return None
    return Judgement(BREAKS)
