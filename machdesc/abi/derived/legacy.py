"""Whether a virtio device hides its legacy interface: one of a modern kind always, others that say
`auto` behind a PCI Express port. And what a disk without a modern one does not offer.

Sources: `virtio_pci_realize` in hw/virtio/virtio-pci.c, and the callers of
`virtio_pci_force_virtio_1`; for vsock only where `virtio_legacy_check_disabled` says no (machine
types since 5.1); `virtio_blk_get_features` in hw/block/virtio-blk.c.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, WRITTEN, Effective, effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_MODERN = (
    *("virtio-crypto-device", "virtio-gpu-base", "virtio-iommu-device", "virtio-input-device"),
    *("vhost-user-input", "virtio-mem", "virtio-pmem", "virtio-sound-device", "vhost-user-vsock-device"),
)
"""Parts that have no legacy interface."""


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`disable-legacy` and `any_layout`: on or off."""
    if device.type is None:
        return base
    if base.name == "any_layout":
        return _layout(guest, device, base)
    if is_modern(guest, device):
        detail = "the device has no legacy interface"
        written = base.origin == WRITTEN and base.value == "on"
        return base if written else base._replace(value="on", origin=DERIVED, detail=detail)
    if base.value != "auto":
        return base
    bus = device.address.bus if device.address is not None else None
    # A device without an address goes to the machine's own bus; expander buses (pxb) are roots too.
    behind = bus is not None and bool(bus.owner) and bus.type == "PCIE"
    detail = "behind a PCI Express port" if behind else "not behind a PCI Express port"
    return base._replace(value="on" if behind else "off", origin=DERIVED, detail=detail)


def _layout(guest: Guest, device: Device, base: Effective) -> Effective:
    try:
        is_old = effective(guest, device, "disable-modern").value is True
    except KeyError:  # not on PCI
        return base
    detail = "a disk of before virtio 1 does not offer it"
    return base._replace(value=False, origin=DERIVED, detail=detail) if is_old and base.value else base


def is_modern(guest: Guest, device: Device) -> bool:
    """Whether a device is of a kind that has no legacy interface, whatever is written."""
    if device.type is None:
        return False
    parts = list(device.type.parts(guest.release).values())
    parts += [above for part in parts for above in guest.catalog.ancestors(part, guest.release)]
    return any(part in _MODERN for part in parts) or _is_modern_vsock(guest, device, parts)


def _is_modern_vsock(guest: Guest, device: Device, parts: list[str]) -> bool:
    if "vhost-vsock-device" not in parts:
        return False
    return effective(guest, device, "x-disable-legacy-check").value is False
