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

    from machdesc.catalog.catalog import DeviceType
    from machdesc.resolve.guest import Guest

_NUMBERS = ("num-queues", "num_queues", "vectors")
_LEVELS = ("cpus", "maxcpus", "sockets", "cores", "threads")
"""What depends on the version; other levels are 1 where they are not written."""


def settle_devices(guest: Guest) -> Mapping[int, tuple[tuple[str, str], ...]]:
    """What to write on devices, by their number in the guest, as (property, value)."""
    found = {}
    numbers: dict[DeviceType, tuple[str, ...]] = {}
    for number, device in enumerate(guest.devices):
        type = device.type
        if type is None:
            continue
        if type not in numbers:
            known = type.properties(guest.release)
            numbers[type] = tuple(name for name in _NUMBERS if name in known)
        if numbers[type]:
            values = [effective(guest, device, name) for name in numbers[type]]
            found[number] = tuple(
                (value.name, str(value.value)) for value in values if value.origin == DERIVED
            )
    return found


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
