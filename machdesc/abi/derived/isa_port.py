"""Serial and parallel ports on ISA: the first takes the first of the usual addresses, and so on.

Sources: `serial_isa_realizefn` in hw/char/serial-isa.c and `parallel_isa_realizefn` in
hw/char/parallel.c. The count goes on also for ports that say their index.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, Effective, effective

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
        before = 0
        for other in guest.devices:
            if other is device:
                break
            before += other.type is not None and other.type.name == device.type.name
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
