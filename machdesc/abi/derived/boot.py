"""The place in the boot order: none (-1) unless it is written.

Source: `device_add_bootindex_property` in system/bootdevice.c. QEMU does not tell it as a default,
since the property is added to each device as it is made.
"""

from __future__ import annotations

from machdesc.abi.effective import DEFAULT, UNKNOWN, Effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`bootindex`, and `bootindexA` and `bootindexB` of a floppy controller, a number."""
    if base.origin != UNKNOWN:
        return base
    return base._replace(value=-1, origin=DEFAULT, detail="in no boot order")
