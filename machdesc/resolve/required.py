"""What has to be said: properties without which QEMU refuses a device or a back end.

Each row was tried on QEMU 5.2, 7.2, 10.0 and 11.1, as far as they have the type.
"""

from __future__ import annotations

from machdesc.catalog.version import version_key
from machdesc.diagnostic import Diagnostic, error
from machdesc.model.guest import title
from machdesc.resolve.guest import Guest
from machdesc.resolve.plugged import Plugged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from machdesc.catalog.catalog import DeviceType
    from machdesc.syntax.tree import Span

_OF_DEVICES = {
    "virtio-blk-device": ("drive",),  # hw/block/virtio-blk.c: drive property not set
    "ide-hd": ("drive",),  # hw/ide/ide-dev.c: No drive specified
    "scsi-hd": ("drive",),  # hw/scsi/scsi-disk.c: drive property not set
    "scsi-block": ("drive",),  # hw/scsi/scsi-disk.c: drive property not set
    "scsi-generic": ("drive",),  # hw/scsi/scsi-generic.c: drive property not set
    "usb-storage": ("drive",),  # hw/usb/dev-storage-classic.c: drive property not set
    "nvme": ("serial",),  # hw/nvme/ctrl.c: serial property not set
    "nvme-ns": ("drive",),  # hw/nvme/ns.c: block backend not configured
    "pc-dimm": ("memdev",),  # hw/mem/pc-dimm.c: 'memdev' property must be set
    "virtio-mem": ("memdev",),  # hw/virtio/virtio-mem.c: 'memdev' property must be set
    "virtio-pmem": ("memdev",),  # hw/virtio/virtio-pmem.c: 'memdev' property must be set
    "ivshmem-plain": ("memdev",),  # hw/misc/ivshmem.c: You must specify a 'memdev'
    "ivshmem-doorbell": ("chardev",),  # hw/misc/ivshmem.c: You must specify a 'chardev'
    "isa-debugcon": ("chardev",),  # hw/char/debugcon.c: Can't create debugcon device, empty char device
    "isa-parallel": ("chardev",),  # hw/char/parallel.c: Can't create parallel device, empty char device
    "tpm-tis": ("tpmdev",),  # hw/tpm/tpm_tis_isa.c: 'tpmdev' property is required
    "tpm-crb": ("tpmdev",),  # hw/tpm/tpm_crb.c: 'tpmdev' property is required
    "virtio-9p-device": ("fsdev", "mount_tag"),  # hw/9pfs/9p.c: needs mount_tag arguments
    "virtio-crypto-device": ("cryptodev",),  # hw/virtio/virtio-crypto.c: expects a valid object
    "vhost-vsock-device": ("guest-cid",),  # hw/virtio/vhost-vsock.c: must be greater than 2
    "vhost-user-blk": ("chardev",),  # hw/block/vhost-user-blk.c: chardev is mandatory
    "vhost-user-scsi": ("chardev",),  # hw/scsi/vhost-user-scsi.c: missing chardev
    "vhost-user-fs-device": ("chardev", "tag"),  # hw/virtio/vhost-user-fs.c: missing chardev
    "vhost-user-rng": ("chardev",),  # hw/virtio/vhost-user-rng.c: missing chardev
    "vhost-user-i2c-device": ("chardev",),  # hw/virtio/vhost-user-i2c.c: missing chardev
    "vhost-user-gpio-device": ("chardev",),  # hw/virtio/vhost-user-gpio.c: chardev is mandatory
    "vhost-user-vsock-device": ("chardev",),  # hw/virtio/vhost-user-vsock.c: missing chardev
    "pci-bridge": ("chassis_nr",),  # hw/pci-bridge/pci_bridge_dev.c: Bridge chassis not specified
}
"""Kind of device -> the properties that it needs."""

_AUDIODEV_SINCE = "10.0"
"""The first known release in which `-nodefaults`, which machdesc always gives, leaves a sound device
without a back end (audio/audio.c: no default audio driver available)."""

_OF_BACK_ENDS = {
    ("fsdev", "local"): ("path", "security_model"),  # hw/9pfs/9p-local.c: property not set
}
"""Keyword and kind of a statement of `host` -> the properties that it needs."""


def check_required(guest: Guest, plugged: list[Plugged], elsewhere: Container[str]) -> list[Diagnostic]:
    """An error for each property that is missing, unless it is set elsewhere; code missing-property."""
    diagnostics = []
    for device in plugged:
        for name in _needed(device.type, device.kinds, guest.release):
            if name not in device.said and name not in elsewhere:
                message = f"a `{device.type.name}` needs a `{name}`, and {device.label} has none"
                diagnostics.append(_missing(device.span(), name, message))
    for statement in guest.description.host_all("fsdev"):
        kind = statement.head.text if statement.head is not None else ""
        said = {item.name for item in statement.properties}
        for name in _OF_BACK_ENDS.get((statement.keyword, kind), ()):
            if name not in said:
                message = f"{title(statement)} has no `{name}`, and the kind `{kind}` needs one"
                span = statement.head.span if statement.head is not None else statement.keyword_span
                diagnostics.append(_missing(span, name, message))
    return diagnostics


def _missing(span: Span, name: str, message: str) -> Diagnostic:
    return error("missing-property", message, span, "", f"add `{name}` to the block")


def _needed(type: DeviceType, kinds: frozenset[str], release: str) -> tuple[str, ...]:
    """What devices of a type need in a release."""
    found = _found.get((type, release))
    if found is None:
        known = type.properties(release)
        names = [name for kind in sorted(kinds) for name in _OF_DEVICES.get(kind, ())]
        if "audiodev" in known and version_key(release) >= version_key(_AUDIODEV_SINCE):
            names.append("audiodev")
        found = _found[type, release] = tuple(name for name in names if name in known)
    return found


_found: dict[tuple[DeviceType, str], tuple[str, ...]] = {}
