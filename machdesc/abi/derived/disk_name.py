"""What disks call themselves where nothing is written.

Sources: `scsi_realize`, `scsi_hd_realize` and `scsi_cd_realize` in hw/scsi/scsi-disk.c;
`ide_init_drive` and `ide_init1` in hw/ide/core.c, which counts units as their buses are made, two
for each; `qemu_hw_version` in util/osdep.c, which machine types before 2.5 replace.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, UNKNOWN, Effective, effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_HW_VERSION = "2.5+"


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`vendor`, `product`, `ver`, `device_id` and an IDE disk's `serial`: texts."""
    if base.value or device.type is None:
        return base
    if base.name == "serial":
        return _ide_serial(guest, device, base)
    if base.name == "device_id":
        serial = effective(guest, device, "serial").value
        detail = "the serial number" if serial else "no serial number"
        return base._replace(value=serial, origin=DERIVED, detail=detail)
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


def _ide_serial(guest: Guest, device: Device, base: Effective) -> Effective:
    """Units of the machine's own buses come first; how many there are before others is not told."""
    place = device.address
    if place is None or place.bus.owner or not place.bus.name.startswith("ide."):
        why = "QEMU counts the units of all IDE buses as it makes them"
        return base._replace(value=None, origin=UNKNOWN, detail=why)
    unit = dict(place.properties).get("unit", "0")
    number = 2 * int(place.bus.name.removeprefix("ide.")) + int(unit) + 1
    return base._replace(value=f"QM{number:05d}", origin=DERIVED, detail="by the unit on the machine's buses")
