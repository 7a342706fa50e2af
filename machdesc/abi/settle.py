"""Settling: numbers that QEMU would derive, written out, so that a guest does not depend on how.

Written are what the saved state and the PCI config space depend on: queues, vectors, and all of the
topology. Their values are those that QEMU would choose under the same version (the live tests hold
them against it), so the guest stays the same.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, effective
from machdesc.abi.topology import topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.resolve.guest import Device, Guest

_NUMBERS = ("num-queues", "num_queues", "vectors")
_LEVELS = ("cpus", "maxcpus", "sockets", "cores", "threads")
"""What depends on the version; other levels are 1 where they are not written."""


def settle_devices(guest: Guest) -> Mapping[int, tuple[tuple[str, str], ...]]:
    """What to write on devices, by their number in the guest, as (property, value)."""
    found = {number: _settle(guest, device) for number, device in enumerate(guest.devices)}
    return {number: pairs for number, pairs in found.items() if pairs}


def _settle(guest: Guest, device: Device) -> tuple[tuple[str, str], ...]:
    if device.type is None:
        return ()
    known = device.type.properties(guest.release)
    values = [effective(guest, device, name) for name in _NUMBERS if name in known]
    return tuple((value.name, str(value.value)) for value in values if value.origin == DERIVED)


def settle_topology(guest: Guest) -> tuple[tuple[str, str], ...]:
    """What to add to the topology that is written; nothing where nothing of it is, or where it does
    not multiply out, which QEMU shall say."""
    values = topology(guest)
    written = [name for name, value in values.items() if value.origin != DERIVED]
    if not written:
        return ()
    product = 1
    for name, value in values.items():
        if name not in ("cpus", "maxcpus"):
            product *= value.value if isinstance(value.value, int) else 0
    if product != values["maxcpus"].value:
        return ()
    return tuple(
        (name, str(values[name].value)) for name in _LEVELS if name in values and name not in written
    )
