"""Memory devices: where QEMU puts them, and what of them a guest may read.

Sources: `memory_device_pre_plug` in hw/mem/memory-device.c and `pc_dimm_pre_plug` in
hw/mem/pc-dimm.c, which give the first free place and slot; `virtio_mem_device_realize` and
`virtio_mem_has_shared_zeropage` in hw/virtio/virtio-mem.c.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, UNKNOWN, Effective
from machdesc.memo import kept
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`addr`, `memaddr` (bytes), `slot`, and `unplugged-inaccessible`: on or off."""
    if base.name == "unplugged-inaccessible":
        return _inaccessible(guest, device, base)
    if base.name == "slot" and _is_dimm(guest, device):
        return _slot(guest, device, base)
    if base.value not in (0, -1) or (
        device.type is not None and base.name == "addr" and _is_pci(guest, device)
    ):
        return base
    return base._replace(value=None, origin=UNKNOWN, detail="QEMU takes the first that is free")


def _is_dimm(guest: Guest, device: Device) -> bool:
    return device.type is not None and "pc-dimm" in (device.type.name, *device.type.parents(guest.release))


def _slot(guest: Guest, device: Device, base: Effective) -> Effective:
    """The first slot that none before it has; one that is written is taken as it comes."""
    if base.value != -1:
        return base
    free = _free_slots(guest).get(id(device))
    if free is None:
        return base
    return base._replace(value=free, origin=DERIVED, detail="the first slot that is free")


@kept
def _free_slots(guest: Guest) -> dict[int, int]:
    """The first slot that is free when QEMU makes a module, by the `id()` of its device."""
    taken: set[int] = set()
    slots, free = {}, 0
    for device in guest.devices:
        if _is_dimm(guest, device):
            while free in taken:
                free += 1
            slots[id(device)] = free
            said = next((i.value for i in device.statement.properties if i.name == "slot"), None)
            number = said.value if isinstance(said, Number) else -1
            taken.add(int(number) if number >= 0 else free)
    return slots


def _is_pci(guest: Guest, device: Device) -> bool:
    return device.type is not None and "pci-device" in device.type.parents(guest.release)


def _inaccessible(guest: Guest, device: Device, base: Effective) -> Effective:
    """Memory of which an untouched page is the shared page of zeros may be read."""
    if base.value != "auto":
        return base
    memory = next(
        (getattr(i.value, "text", "") for i in device.statement.properties if i.name == "memdev"), ""
    )
    description = guest.description
    for statement in (*description.all("object"), *description.host_all("object")):
        if statement.id is not None and statement.id.text == memory and statement.head is not None:
            shared = any(
                i.name == "share" and getattr(i.value, "text", "") == "on" for i in statement.properties
            )
            plain = statement.head.text == "memory-backend-ram" and not shared
            value = "off" if plain else "on"
            return base._replace(value=value, origin=DERIVED, detail=f"by its memory, {statement.head.text}")
    return base._replace(value=None, origin=UNKNOWN, detail="its memory decides, which is not described")
