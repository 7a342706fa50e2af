"""Derivations: values that QEMU chooses itself where a device leaves them open.

Each family of them is a module of `machdesc.abi.derived` with one function, `derive`, which gets
the guest, the device and the value as it stands before, and gives the value that the device will
have, or `base` itself where QEMU chooses nothing. Its docstring names the source in QEMU.
"""

from __future__ import annotations

from machdesc.abi.makeup import makeup_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from machdesc.abi.effective import Effective
    from machdesc.abi.makeup import Makeup
    from machdesc.catalog.catalog import Catalog
    from machdesc.resolve.guest import Device, Guest

_DISKS = (
    "virtio-blk-device",
    "scsi-disk-base",
    "ide-device",
    "nvme",
    "nvme-ns",
    "floppy",
    "vhost-user-blk",
    "usb-storage",
)
_DIMMS = ("pc-dimm", "sp-mem", "virtio-mem", "virtio-pmem", "virtio-md-pci")
_PORTS = ("isa-serial", "isa-parallel")
_SAS = ("megasas-base", "mptsas1068")
_SCREENS = ("pci-vga", "bochs-display", "ati-vga", "i2c-ddc")
_VGAS = ("pci-vga", "isa-vga", "vmware-svga", "pci-qxl")
_SERVED = ("vhost-user-base", "vhost-user-input", "vhost-user-rng")


def _each(drivers: tuple[str, ...], family: str) -> tuple[tuple[str, str], ...]:
    return tuple((driver, family) for driver in drivers)


FAMILIES: dict[str, tuple[tuple[str, str], ...]] = {
    "num-queues": _each(("virtio-blk-device", "vhost-user-blk"), "queue"),
    "num_queues": (("virtio-scsi-common", "queue"),),
    "vectors": (("virtio-pci", "vector"),),
    "disable-legacy": (("virtio-pci", "legacy"),),
    "any_layout": (("virtio-blk-device", "legacy"),),
    "class": _each(("virtio-serial-device", "virtio-balloon-device"), "device_class"),
    "in_order": _each(_SERVED, "server"),
    "iommu_platform": _each(_SERVED, "server"),
    "packed": _each(_SERVED, "server"),
    "queue_reset": _each(_SERVED, "server"),
    "event_idx": _each(_SERVED, "server"),
    "indirect_desc": _each(_SERVED, "server"),
    "controls": _each(_SERVED, "server"),
    "bootindex": (("device", "boot"),),
    "bootindexA": (("device", "boot"),),
    "bootindexB": (("device", "boot"),),
    "romfile": (("pci-device", "rom"),),
    "rombar": (("pci-device", "rom"),),
    "romsize": (("pci-device", "rom"),),
    "mac": (("device", "mac"),),
    "logical_block_size": _each(_DISKS, "disk"),
    "physical_block_size": _each(_DISKS, "disk"),
    "discard_granularity": _each(_DISKS, "disk"),
    "cyls": _each(_DISKS, "disk"),
    "heads": _each(_DISKS, "disk"),
    "secs": _each(_DISKS, "disk"),
    "bios-chs-trans": _each(_DISKS, "disk"),
    "drive-type": (("floppy", "disk"),),
    "shared": (("nvme-ns", "disk"),),
    "vendor": (("scsi-disk-base", "disk_name"),),
    "product": (("scsi-disk-base", "disk_name"),),
    "device_id": (("scsi-disk-base", "disk_name"),),
    "ver": _each(("scsi-disk-base", "ide-device"), "disk_name"),
    "serial": (("ide-device", "disk_name"),),
    "eui64": (("nvme-ns", "disk_name"),),
    "addr": _each(_DIMMS, "memory"),
    "memaddr": _each(_DIMMS, "memory"),
    "slot": _each(_DIMMS, "memory"),
    "unplugged-inaccessible": (("virtio-mem", "memory"),),
    "index": _each(_PORTS, "isa_port"),
    "iobase": _each(_PORTS, "isa_port"),
    "irq": _each(_PORTS, "isa_port"),
    "intremap": (("x86-iommu", "iommu"),),
    "eim": (("intel-iommu", "iommu"),),
    "msi": (("qemu-xhci", "usb"),),
    "streams": (("nec-usb-xhci", "usb"),),
    "p2": (("pci-xhci", "usb"),),
    "p3": (("pci-xhci", "usb"),),
    "multifunction": (("igb", "multifunction"),),
    "sas_address": _each(_SAS, "sas"),
    "hba_serial": _each(_SAS, "sas"),
    "xres": _each(_SCREENS, "display"),
    "yres": _each(_SCREENS, "display"),
    "vgamem_mb": _each(_VGAS, "display"),
    "vgamem": (("bochs-display", "display"),),
}
"""Property -> the drivers of which it is derived (a type, an ancestor, or the same of a part), and
the module that does it."""


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """The value that a device has when QEMU has chosen what `base` leaves open; else `base`."""
    if base.name not in FAMILIES or device.type is None:
        return base
    key = guest.catalog, guest.release, device.type.name, base.name
    if key in _modules:
        module = _modules[key]
    else:
        module = _modules[key] = _module(*key)
    if module is None:
        return base
    derived: Effective = module.derive(guest, device, base)
    return derived


def _module(catalog: Catalog, release: str, type: str, name: str) -> ModuleType | None:
    """The module that derives a property of a type; None when none does."""
    family = _family(makeup_of(catalog, release, type), name)
    return __import__(f"machdesc.abi.derived.{family}", fromlist=["derive"]) if family else None


_modules: dict[tuple[Catalog, str, str, str], ModuleType | None] = {}


def derived_names(catalog: Catalog, release: str, type: str) -> list[str]:
    """The properties of a type that QEMU chooses where they are left open."""
    makeup = makeup_of(catalog, release, type)
    return [name for name in FAMILIES if name in makeup.own.properties and _family(makeup, name)]


def _family(makeup: Makeup, name: str) -> str:
    """The module that derives a property of a type; empty when none does."""
    for driver, family in FAMILIES[name]:
        if driver in makeup.own.drivers or any(driver in part.drivers for part in makeup.parts):
            return family
    return ""
