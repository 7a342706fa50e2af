"""Disks: sizes of blocks, and the geometry that is guessed.

Sources: `blkconf_blocksizes` and `blkconf_geometry` in hw/block/block.c (a host device tells its
block sizes only on s390 or when zoned: `hdev_probe_blocksizes` in block/file-posix.c); for
discard_granularity `scsi_realize` in hw/scsi/scsi-disk.c, `ide_dev_initfn` in hw/ide/ide-dev.c and
`nvme_ns_init` in hw/nvme/ns.c (not in 5.2); `pick_drive_type` in hw/block/fdc.c; for shared
`nvme_ns_realize` in hw/nvme/ns.c (7.2).
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, UNKNOWN, Effective, effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_SECTOR = 512
_ALL_ONES = 0xFFFFFFFF
_SMALLEST_DISCARD = 4096
"""DEFAULT_DISCARD_GRANULARITY of SCSI; NVMe's is that of pages."""


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """Sizes in bytes; cylinders, heads and sectors; what a floppy drive is."""
    if _is_without_disk(device):
        return base
    if base.name in ("logical_block_size", "physical_block_size"):
        if base.value != 0:
            return base
        return base._replace(value=_SECTOR, origin=DERIVED, detail="a sector, as no disk tells otherwise")
    if base.name == "discard_granularity":
        return _discard(guest, device, base)
    if base.name == "shared":
        return _shared(guest, device, base)
    if base.value not in (0, "auto"):
        return base
    if base.name == "drive-type":
        return base._replace(value=None, origin=UNKNOWN, detail="the size of the inserted disk decides")
    why = "guessed from the disk's size and partition table"
    return base._replace(value=None, origin=UNKNOWN, detail=why)


def _is_without_disk(device: Device) -> bool:
    """Whether it is an NVMe controller that leaves disks to its namespaces (`nvme_realize` in
    hw/nvme/ctrl.c): it keeps what it was given."""
    is_controller = device.type is not None and device.type.name == "nvme"
    return is_controller and not any(item.name == "drive" for item in device.statement.properties)


def _discard(guest: Guest, device: Device, base: Effective) -> Effective:
    if base.value != _ALL_ONES or device.type is None:
        return base
    drivers = (device.type.name, *device.type.parents(guest.release))
    if "ide-device" in drivers:
        return base._replace(value=_SECTOR, origin=DERIVED, detail="what IDE has")
    nvme = ("nvme" in drivers or "nvme-ns" in drivers) and _numbers(guest.release) > (5, 2)
    if "scsi-disk-base" in drivers or nvme:
        block = effective(guest, device, "logical_block_size").value
        size = max(block if isinstance(block, int) else 0, _SMALLEST_DISCARD)
        return base._replace(value=size, origin=DERIVED, detail="4 KiB, or a block that is larger")
    return base


def _shared(guest: Guest, device: Device, base: Effective) -> Effective:
    """Up to 7.2 a controller that is in no subsystem cannot share a namespace; later ones make one."""
    if base.value is not True or _numbers(guest.release) > (7, 2):
        return base
    owner = guest.device(device.address.bus.owner) if device.address is not None else None
    if owner is None or any(item.name == "subsys" for item in owner.statement.properties):
        return base
    return base._replace(value=False, origin=DERIVED, detail="its controller is in no subsystem")


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.partition("+")[0].split("."))
