"""MAC addresses of network cards that write none: QEMU counts from 52:54:00:12:34:56, in the order
in which it makes the devices, and passes over those of this range that others had before.

Sources: `qemu_macaddr_default_if_unset` and `qemu_macaddr_get_free` in net/net.c, which every card
calls when it is realized.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, Effective
from machdesc.memo import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_PREFIX = "52:54:00:12:34:"
_FIRST, _END = 0x56, 0xFF


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`mac`, as six pairs of hex digits."""
    if base.value or device.type is None:
        return base
    number = _numbers(guest).get(id(device))
    if number is None:
        return base
    mac = f"{_PREFIX}{number:02x}"
    return base._replace(value=mac, origin=DERIVED, detail="by the order of the devices")


@kept
def _numbers(guest: Guest) -> dict[int, int]:
    """The last byte of the address of each card that writes none, by the `id()` of its device."""
    used: set[int] = set()
    numbers: dict[int, int] = {}
    free = _FIRST  # what is below it was taken before, and nothing is given back
    for device in guest.devices:
        if device.type is None or "mac" not in device.type.properties(guest.release):
            continue
        written = [getattr(i.value, "text", "") for i in device.statement.properties if i.name == "mac"]
        if written and written[0] not in ("", "00:00:00:00:00:00"):
            used.add(_number(written[0]))
            continue
        while free < _END and free in used:
            free += 1
        numbers[id(device)] = free
        used.add(free)
    return numbers


def _number(mac: str) -> int:
    """The last byte of an address in QEMU's range; -1 for another one."""
    mac = mac.lower().replace("-", ":")
    try:
        return int(mac[len(_PREFIX) :], 16) if mac.startswith(_PREFIX) else -1
    except ValueError:
        return -1
