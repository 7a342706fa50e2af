"""Conditions: properties that show only where something else of the guest is so, as data with sources.

Every line that fits a property has to hold; a device that is not known counts as showing all.
"""

from __future__ import annotations

from machdesc.abi.effective import effective
from machdesc.check.wildcard import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machdesc.catalog.catalog import Catalog
    from machdesc.check.difference import Difference
    from machdesc.resolve.guest import Device, Guest

    Condition = Callable[[Guest, Device], bool]

_NO_GRANULARITY = 0xFFFFFFFF
_NO_ERROR_REPORTING = (
    *("bochs-display", "megasas-gen2", "nec-usb-xhci", "nvme", "pvscsi", "qemu-xhci", "ufs", "vmxnet3"),
)

_OF_THE_HOST = ("vfio-pci-device", "vfio-pci", "xen-pci-passthrough")
"""Types that show a ROM of the device itself: vfio_pci_size_rom in hw/vfio/pci.c, xen_pt_assigned_device."""


def _value(guest: Guest, device: Device, name: str) -> object:
    """What a device has of a property; None of one that it lacks, or that is unknown."""
    known = device.type.properties(guest.release) if device.type is not None else {}
    return effective(guest, device, name).value if name in known else None


def _is_on_express_bus(guest: Guest, device: Device) -> bool:
    del guest
    return device.address is None or device.address.bus.type not in ("PCI", "pxb-bus")


def _is_behind_port(guest: Guest, device: Device) -> bool:
    """Whether a device is behind a PCI Express port; expander buses are roots as the machine's own."""
    del guest
    if device.address is None:
        return True
    bus = device.address.bus
    return bool(bus.owner) and bus.type in ("PCIE", "CXL")


def _has_ari(guest: Guest, device: Device) -> bool:
    """Whether a device has virtual functions, or is one; an NVMe controller by a number of them."""
    said = {item.name for other in guest.devices for item in other.statement.properties}
    type = device.type.name if device.type is not None else ""
    return (
        "sriov-pf" in said or matches(type, "igb*") or _value(guest, device, "sriov_max_vfs") not in (0, None)
    )


def _reports_errors(guest: Guest, device: Device) -> bool:
    if device.type is not None and device.type.name in _NO_ERROR_REPORTING:
        return False
    return _value(guest, device, "aer") is not False


def _is_port(guest: Guest, device: Device) -> bool:
    return device.type is not None and "pcie-port" in device.type.parents(guest.release)


def _is_slot(guest: Guest, device: Device) -> bool:
    return device.type is not None and "pcie-slot" in device.type.parents(guest.release)


def _has_mtu(guest: Guest, device: Device) -> bool:
    return _value(guest, device, "host_mtu") != 0


def _has_ats(guest: Guest, device: Device) -> bool:
    return _value(guest, device, "ats") is not False


def _has_rom(guest: Guest, device: Device) -> bool:
    """Whether a device may have a ROM; one of the host's has its own where no file is named."""
    type = device.type.name if device.type is not None else ""
    if any(type == name or name in guest.catalog.ancestors(type, guest.release) for name in _OF_THE_HOST):
        return True
    return _value(guest, device, "romfile") != ""


def _has_standby(guest: Guest, device: Device) -> bool:
    del device
    return any(item.name == "failover" for other in guest.devices for item in other.statement.properties)


def _reports_hashes(guest: Guest, device: Device) -> bool:
    return any(_value(guest, device, name) is not False for name in ("rss", "hash"))


def _tells_granularity(guest: Guest, device: Device) -> bool:
    return (
        _value(guest, device, "discard") is not False
        and _value(guest, device, "discard_granularity") != _NO_GRANULARITY
    )


def _has_device_iotlb(guest: Guest, device: Device) -> bool:
    return _value(guest, device, "device-iotlb") is not False


def _may_be_legacy(guest: Guest, device: Device) -> bool:
    from machdesc.abi.derived.legacy import is_modern

    return not is_modern(guest, device)


def _has_upper_features(guest: Guest, device: Device) -> bool:
    """Whether a virtio device on a transport in memory shows more than 32 features: a legacy one does not,
    and is one unless a global says otherwise."""
    if device.address is None or device.address.bus.type != "virtio-mmio-bus":
        return True
    said = [s for s in guest.description.all("global") if s.head is not None and s.head.text == "virtio-mmio"]
    return any(item.name == "force-legacy" for statement in said for item in statement.properties)


def _is_legacy(guest: Guest, device: Device) -> bool:
    return _value(guest, device, "disable-legacy") not in ("on", True)


CONDITIONS: tuple[tuple[str, str, Condition, str], ...] = (
    # owner's type, property, condition, what it is and where QEMU has it
    ("pci-device", "x-pcie-*", _is_on_express_bus, "no such capability on a conventional bus (hw/pci/pci.c)"),
    (
        "pci-device",
        "x-pcie-ari-nextfn-1",
        _has_ari,
        "pcie_ari_init: igb.c, igbvf.c, nvme/ctrl.c, pcie_sriov.c",
    ),
    ("pci-device", "x-pcie-err-unc-mask", _reports_errors, "pcie_aer_init, which these types never call"),
    ("virtio-pci", "x-pcie-*", _is_behind_port, "virtio_pci_realize makes capabilities of a port's device"),
    ("virtio-pci", "aer", _is_behind_port, "virtio_pci_realize makes capabilities of a port's device"),
    ("virtio-pci", "ats", _is_behind_port, "virtio_pci_realize makes capabilities of a port's device"),
    ("virtio-pci", "x-ats-page-aligned", _is_behind_port, "virtio_pci_realize, as `ats`"),
    ("virtio-pci", "x-ats-page-aligned", _has_ats, "virtio_pci_realize: an argument of pcie_ats_init"),
    ("pci-device", "x-pci-express-writeable-slt-bug", _is_port, "pci_bridge_initfn: for express buses only"),
    ("pci-device", "x-pcie-lnksta-dllla", _is_slot, "pcie_cap_slot_plug_cb in hw/pci/pcie.c: of slots only"),
    (
        "virtio-net*",
        "x-mtu-bypass-backend",
        _has_mtu,
        "virtio_net_get_features asks it with VIRTIO_NET_F_MTU",
    ),
    ("pci-device", "romsize", _has_rom, "the size of a ROM that is not there"),
    ("pci-device", "rombar", _has_rom, "where a ROM shows that is not there"),
    ("pci-device", "failover_pair_id", _has_standby, "failover_hide_primary_device in hw/net/virtio-net.c"),
    ("virtio-net*", "hash-*", _reports_hashes, "virtio_net_get_config: fields of RSS and hash reports only"),
    (
        *("virtio-blk*", "report-discard-granularity", _tells_granularity),
        "virtio_blk_update_config: how discard_granularity is told",
    ),
    (
        "intel-iommu",
        "stale-tm",
        _has_device_iotlb,
        "vtd_init takes it with dt_supported only (intel_iommu.c)",
    ),
    ("virtio-pci", "notify_on_empty", _is_legacy, "VIRTIO_LEGACY_FEATURES: not among a modern device's"),
    ("virtio-pci", "any_layout", _is_legacy, "VIRTIO_LEGACY_FEATURES: not among a modern device's"),
    *(
        ("virtio-device", name, _has_upper_features, "virtio_mmio_read in hw/virtio/virtio-mmio.c")
        for name in ("in_order", "iommu_platform", "packed", "queue_reset")
    ),
    ("virtio-pci", "disable-modern", _may_be_legacy, "virtio_pci_force_virtio_1, which sets it off"),
    ("virtio-net*", "gso", _is_legacy, "legacy_features in virtio_net_class_init"),
)


def shows(difference: Difference, guest: Guest) -> bool:
    """Whether a guest can see what a property decides."""
    part, _, name = difference.name.rpartition(".")
    if name.startswith("x-pcie-") and not _is_express(difference, part, guest):
        return False
    found = _conditions(difference.type, name, guest)
    device = guest.device(difference.subject) if found else None
    return device is None or device.type is None or all(holds(guest, device) for holds in found)


def _is_express(difference: Difference, part: str, guest: Guest) -> bool:
    """Whether a type is for PCI Express. The chipset's own functions are not (hw/pci-host/q35.c,
    hw/isa/lpc_ich9.c, hw/ide/ich.c, hw/i2c/smbus_ich9.c)."""
    if difference.rule == "built-in-device":
        return False
    return guest.catalog.is_express(part or difference.type, guest.release)


def _conditions(type: str, name: str, guest: Guest) -> list[Condition]:
    key = guest.catalog, guest.release, type, name
    found = _found.get(key)
    if found is None:
        rows = [row for row in CONDITIONS if matches(name, row[1])]
        types = (type, *guest.catalog.ancestors(type, guest.release)) if rows else ()
        found = [holds for owner, _, holds, _ in rows if any(matches(own, owner) for own in types)]
        _found[key] = found
    return found


_found: dict[tuple[Catalog, str, str, str], list[Condition]] = {}
