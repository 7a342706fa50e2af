"""An object that the guest sees differs.

What it checks: the objects outside `host`, whether memory back ends can be written, and the objects in `host`
that a guest can tell from none, such as the initiators of ACPI.

Why the guest notices: what stands outside `host` is the promise; of the others, ACPI tables, queues, CPUID or
files of fw_cfg are made.

How to fix: keep it, or move it into `host` if the guest does not see it.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD024"
BREAKS = "additive"

_SAVED = ("dbus-vmstate",)
"""Types that only a saved state has something of (backends/dbus-vmstate.c)."""


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement:
    """An object that only a saved state knows breaks `live` alone."""
    del old, new
    return Judgement("live" if difference.type in _SAVED else BREAKS)
