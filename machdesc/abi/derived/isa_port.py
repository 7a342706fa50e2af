"""Serial and parallel ports on ISA: the first takes the first of the usual addresses, and so on.

Sources: `serial_isa_realizefn` in hw/char/serial-isa.c and `parallel_isa_realizefn` in
hw/char/parallel.c. The count goes on also for ports that say their index.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, Effective, effective
from machdesc.memo import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_UNSET = 0xFFFFFFFF
_BASES = {"isa-serial": (0x3F8, 0x2F8, 0x3E8, 0x2E8), "isa-parallel": (0x378, 0x278, 0x3BC)}
_INTERRUPTS = (4, 3, 4, 3)


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`index`, `iobase` and a serial port's `irq`: numbers."""
    if base.value != _UNSET or device.type is None:
        return base
    if base.name == "index":
        before = _before(guest).get(id(device), 0)
        return base._replace(
            value=before,
            origin=DERIVED,
            detail="the first of its kind" if not before else f"behind {before} others",
        )
    index = effective(guest, device, "index").value
    choices = _INTERRUPTS if base.name == "irq" else _BASES[device.type.name]
    if not isinstance(index, int) or not 0 <= index < len(choices):
        return base
    return base._replace(value=choices[index], origin=DERIVED, detail=f"of port {index}")


@kept
def _before(guest: Guest) -> dict[int, int]:
    """How many devices of its type each has before it, by its `id()`."""
    counts: dict[str, int] = {}
    before = {}
    for device in guest.devices:
        if device.type is not None:
            name = device.type.name
            before[id(device)] = counts.get(name, 0)
            counts[name] = before[id(device)] + 1
    return before
