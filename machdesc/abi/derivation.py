"""Derivations: values that QEMU chooses itself when a device leaves them open, each by one function.

Every function lies in a module of its family and tells its source in QEMU. It gets the guest, the
device and the value as it stands before, and gives the value that the device will have.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.abi.effective import Effective
    from machdesc.resolve.guest import Device, Guest


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """The value that a device has when QEMU has chosen what `base` leaves open; else `base`."""
    del guest, device
    return base
