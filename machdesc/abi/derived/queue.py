"""Queues of disks and SCSI controllers: one for each CPU, unless a number is written.

Sources: `virtio_pci_optimal_num_queues` in hw/virtio/virtio-pci.c, and its callers
`virtio_blk_pci_realize`, `virtio_scsi_pci_realize`, `vhost_scsi_pci_realize`,
`vhost_user_scsi_pci_realize` and `vhost_user_blk_pci_realize` in the files of those names; for
devices on other transports, which have one, `virtio_blk_device_realize` in hw/block/virtio-blk.c,
`virtio_scsi_common_realize` in hw/scsi/virtio-scsi.c and `vhost_user_blk_device_realize` in
hw/block/vhost-user-blk.c. Since 5.2; machine types before it say 1.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, Effective
from machdesc.abi.topology import cpu_count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_AUTO = {"num-queues": 0xFFFF, "num_queues": 0xFFFFFFFF}
"""VIRTIO_BLK_AUTO_NUM_QUEUES (also of vhost-user-blk) and VIRTIO_SCSI_AUTO_NUM_QUEUES."""

SCSI_FIXED = 2
"""VIRTIO_SCSI_VQ_NUM_FIXED: the control and the event queue."""

_MSIX_VECTORS = 0x7FF
_VIRTIO_QUEUE_MAX = 1024


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`num-queues` and `num_queues`, a number of request queues."""
    if base.value != _AUTO[base.name] or device.type is None:
        return base
    if "virtio-pci" not in device.type.parents(guest.release):
        return base._replace(value=1, origin=DERIVED, detail="one queue where the transport is not PCI")
    fixed = SCSI_FIXED if base.name == "num_queues" else 0
    cpus = cpu_count(guest)
    number = min(cpus, _MSIX_VECTORS - fixed, _VIRTIO_QUEUE_MAX - fixed)
    return base._replace(value=number, origin=DERIVED, detail=f"one queue for each of {cpus} CPUs")
