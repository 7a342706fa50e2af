"""What disks call themselves where nothing is written.

Sources: `scsi_realize`, `scsi_hd_realize` and `scsi_cd_realize` in hw/scsi/scsi-disk.c;
`ide_init_drive` and `ide_init1` in hw/ide/core.c, which counts units as their buses are made, two
for each; `qemu_hw_version` in util/osdep.c, which machine types before 2.5 replace; `nvme_ns_init` in
hw/nvme/ns.c.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, UNKNOWN, Effective, effective
from machdesc.memo import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_HW_VERSION = "2.5+"
_EUI64 = 0x5254000000000000
"""NVME_EUI64_DEFAULT of hw/nvme/nvme.h; the first namespace has the next number."""


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`vendor`, `product`, `ver`, `device_id` and an IDE disk's `serial`, texts; `eui64`, a number."""
    if base.value or device.type is None:
        return base
    if base.name == "serial":
        return _ide_serial(guest, device, base)
    if base.name == "device_id":
        return _device_id(guest, device, base)
    if base.name == "eui64":
        return _eui64(guest, device, base)
    if base.name == "ver":
        return _version(guest, base)
    if base.name == "vendor":
        return base._replace(value="QEMU", origin=DERIVED, detail="QEMU's name for its disks")
    names = {"scsi-hd": "QEMU HARDDISK", "scsi-cd": "QEMU CD-ROM"}
    name = names.get(device.type.name)
    return base if name is None else base._replace(value=name, origin=DERIVED, detail="QEMU's name for it")


def _version(guest: Guest, base: Effective) -> Effective:
    words = guest.machine_name.rpartition("-")[2].split(".")
    if len(words) == 2 and all(word.isdecimal() for word in words) and [int(w) for w in words] < [2, 5]:
        old = ".".join((*words, "0"))
        return base._replace(value=old, origin=DERIVED, detail=f"as {guest.machine_name} has it")
    return base._replace(value=_HW_VERSION, origin=DERIVED, detail="of all machine types since 2.5")


def _device_id(guest: Guest, device: Device, base: Effective) -> Effective:
    """The serial number, or else the id of a `drive`; a block node is no such name (`blk_name`)."""
    serial = effective(guest, device, "serial").value
    if serial:
        return base._replace(value=serial, origin=DERIVED, detail="the serial number")
    names = {s.id.text for s in guest.description.host_all("drive") if s.id is not None}
    drive = next((getattr(i.value, "text", "") for i in device.statement.properties if i.name == "drive"), "")
    if drive in names:
        return base._replace(value=drive, origin=DERIVED, detail="the id of its drive")
    return base._replace(value=serial, origin=DERIVED, detail="no serial number")


def _eui64(guest: Guest, device: Device, base: Effective) -> Effective:
    """Where `eui64-default` is on, as under 6.1 to 7.0, a namespace that has none is given a number: QEMU
    counts namespaces, and controllers that have a disk of their own."""
    assert device.type is not None
    known = device.type.properties(guest.release)
    if "eui64-default" not in known or effective(guest, device, "eui64-default").value is not True:
        return base
    number = _namespaces(guest).get(id(device), 0)
    return base._replace(value=_EUI64 + number, origin=DERIVED, detail="by the order of the namespaces")


@kept
def _namespaces(guest: Guest) -> dict[int, int]:
    """How many namespaces there are up to each device, itself included, by its `id()`."""
    numbers, number = {}, 0
    for device in guest.devices:
        name = device.type.name if device.type is not None else ""
        has_own = name == "nvme" and any(i.name == "drive" for i in device.statement.properties)
        number += name == "nvme-ns" or has_own
        numbers[id(device)] = number
    return numbers


def _ide_serial(guest: Guest, device: Device, base: Effective) -> Effective:
    """Units of the machine's own buses come first, then those of others as these are made."""
    place, buses = device.address, _ide_buses(guest)
    if place is None or not place.unit or place.bus.name not in buses:
        why = "QEMU counts the units of all IDE buses as it makes them"
        return base._replace(value=None, origin=UNKNOWN, detail=why)
    unit = dict(place.properties).get("unit", "0")
    number = 2 * buses[place.bus.name] + int(unit) + 1
    return base._replace(value=f"QM{number:05d}", origin=DERIVED, detail="by the unit on all IDE buses")


@kept
def _ide_buses(guest: Guest) -> dict[str, int]:
    """The names of all IDE buses, and which one in the order in which QEMU makes them each is, from 0."""
    made: dict[str, int] = {}
    for number, device in enumerate(guest.devices):
        made.setdefault(device.id, number)
    buses = [bus for bus in guest.buses.values() if bus.type == "IDE"]
    own = [bus.name for bus in buses if not bus.owner and not _is_without_sata(guest)]
    others = sorted((bus for bus in buses if bus.owner), key=lambda bus: made[bus.owner])
    names = [*own, *(bus.name for bus in others)]
    return {name: number for number, name in enumerate(names)}


def _is_without_sata(guest: Guest) -> bool:
    """Whether the machine's own controller is switched off (`sata` in hw/i386/pc_q35.c)."""
    machine = guest.description.one("machine")
    items = machine.properties if machine is not None else ()
    return any(item.name == "sata" and getattr(item.value, "text", "") == "off" for item in items)
