"""The order of booting differs.

What it checks: the settings in `boot`.

Why the guest notices: fw_cfg tells the firmware another order.

How to fix: keep them.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD062"
BREAKS = "additive"


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement | None:
    """`strict` ends the list of what has a boot index, and means nothing without one
    (system/bootdevice.c, get_boot_devices_list)."""
    if difference.name == "strict":
        items = (item.name for device in new.devices for item in device.statement.properties)
        if "bootindex" not in items:
            return None
    return Judgement(BREAKS)
