"""MSI-X vectors of virtio devices, by their queues, unless a number is written.

Sources: the `realize` functions in hw/virtio/virtio-blk-pci.c, virtio-scsi-pci.c, virtio-net-pci.c,
virtio-serial-pci.c, virtio-rng-pci.c, virtio-balloon-pci.c, virtio-mem-pci.c, vhost-scsi-pci.c,
vhost-user-scsi-pci.c, vhost-user-blk-pci.c, vhost-user-fs-pci.c and vhost-user-rng-pci.c. Machine
types before these counted so say their old numbers.
"""

from __future__ import annotations

from machdesc.abi.derived.queue import SCSI_FIXED
from machdesc.abi.effective import DERIVED, UNKNOWN, Effective, effective
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from machdesc.catalog.catalog import DeviceType
    from machdesc.resolve.guest import Device, Guest

_UNSPECIFIED = 0xFFFFFFFF
"""DEV_NVECTORS_UNSPECIFIED"""

_BY_QUEUES = {
    "virtio-blk-device": ("num-queues", 1),
    "vhost-user-blk": ("num-queues", 1),
    "virtio-scsi-common": ("num_queues", SCSI_FIXED + 1),
    "vhost-user-fs-device": ("num-request-queues", 2),
    "virtio-serial-device": ("max_ports", 1),
}
"""Part -> the property that counts its queues, and the vectors that it has besides."""

_FIXED = {"virtio-rng-device": 2, "virtio-balloon-device": 2, "virtio-mem": 2, "vhost-user-rng": 1}


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`vectors`, a number."""
    if base.value != _UNSPECIFIED or device.type is None:
        return base
    for part in _kin(guest, device.type):
        if part in _BY_QUEUES:
            name, others = _BY_QUEUES[part]
            queues = effective(guest, device, name)
            if not isinstance(queues.value, int):
                return base._replace(
                    value=None, origin=UNKNOWN, detail=f"`{name}` is unknown: {queues.detail}"
                )
            detail = f"`{name}` {queues.value} and {others} more"
            return base._replace(value=queues.value + others, origin=DERIVED, detail=detail)
        if part in _FIXED:
            return base._replace(value=_FIXED[part], origin=DERIVED, detail="as this type always has")
        if part == "virtio-net-device":
            pairs = _queue_pairs(guest, device)
            detail = f"2 for each queue pair of the netdev, which has {pairs}, and 2 more"
            return base._replace(value=2 * pairs + 2, origin=DERIVED, detail=detail)
    return base


def _kin(guest: Guest, type: DeviceType) -> Iterator[str]:
    """The parts of a type, then the types above these."""
    parts = type.parts(guest.release).values()
    yield from parts
    for part in parts:
        yield from guest.catalog.ancestors(part, guest.release)


def _queue_pairs(guest: Guest, device: Device) -> int:
    """The queues of the netdev: `queues`, or as many as descriptors are handed over (net/tap.c)."""
    name = next((getattr(i.value, "text", "") for i in device.statement.properties if i.name == "netdev"), "")
    for netdev in guest.description.host_all("netdev"):
        if netdev.id is not None and netdev.id.text == name:
            for item in netdev.properties:
                if item.name == "queues" and isinstance(item.value, Number):
                    return int(item.value.value)
                if item.name == "fds":
                    return str(getattr(item.value, "text", "")).count(":") + 1
    return 1
