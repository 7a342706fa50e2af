"""Bounds of values that QEMU's own description does not tell: it says `uint16` of a queue's size, and takes
powers of two up to 1024.

Each row was tried on QEMU 5.2, 7.2, 10.0 and 11.1, as far as they have the property.
"""

from __future__ import annotations

from machdesc.catalog.version import version_key
from machdesc.diagnostic import Diagnostic, error
from machdesc.record import Record
from machdesc.resolve.guest import Guest
from machdesc.resolve.plugged import Plugged, number
from machdesc.syntax.tree import Block, List, Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.syntax.tree import Property

HIGHEST_NODE = 127
"""The highest number of a node (include/system/numa.h, MAX_NODES; 7.2: include/sysemu/numa.h)."""

_MIB, _GIB = 1 << 20, 1 << 30
_HEX = frozenset("0123456789abcdefABCDEF")


class Bound(Record):
    """What the values of a property of some kind of device, or of a statement's block, are held to.

    A number lies from `low` to `high`, and may have to be a power of two; with `length` it is the number
    of bytes of a text that does. With `zero`, 0 stands for the default. `words` and `numbers` are all that
    there are, `form` names a form of texts. `since` is the first known release that refuses others. With
    `clamps` QEMU refuses no number that is too high, and takes `high` for it: the text would say what the
    guest does not have.
    """

    kind: str
    name: str
    low: int = 0
    high: int = 1 << 64
    power: bool = False
    zero: bool = False
    length: bool = False
    words: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    form: str = ""
    since: str = ""
    clamps: bool = False


_BOUNDS = (
    # hw/block/virtio-blk.c, virtio_blk_device_realize
    Bound("virtio-blk-device", "queue-size", 4, 1024, power=True),
    Bound("virtio-blk-device", "num-queues", 1),
    # hw/net/virtio-net.c, virtio_net_device_realize
    Bound("virtio-net-device", "rx_queue_size", 256, 1024, power=True),
    Bound("virtio-net-device", "tx_queue_size", 256, 1024, power=True),
    # hw/scsi/virtio-scsi.c, virtio_scsi_common_realize; above, QEMU aborts
    Bound("virtio-scsi-device", "virtqueue_size", 3, 1024),
    Bound("virtio-scsi-device", "num_queues", 1),
    # hw/virtio/virtio-rng.c, hw/char/virtio-serial-bus.c, hw/virtio/vhost-vsock.c, hw/9pfs/9p.c
    Bound("virtio-rng-device", "period", 1),
    Bound("virtio-serial-device", "max_ports", 1, 511),
    Bound("vhost-vsock-device", "guest-cid", 3),
    Bound("virtio-9p-device", "mount_tag", 0, 31, length=True),
    # hw/core/qdev-properties-system.c, set_blocksize and set_mac
    Bound("device", "logical_block_size", 512, 2 * _MIB, power=True, zero=True),
    Bound("device", "physical_block_size", 512, 2 * _MIB, power=True, zero=True),
    Bound("device", "mac", form="mac"),
    # hw/block/fdc.c
    Bound("floppy", "logical_block_size", 512, 512, zero=True),
    # hw/scsi/scsi-disk.c, hw/usb/dev-storage-classic.c, hw/nvme/ctrl.c
    Bound("scsi-hd", "serial", 0, 36, length=True, since="10.0"),
    Bound("scsi-cd", "serial", 0, 36, length=True, since="10.0"),
    Bound("nvme", "serial", 0, 20, length=True, since="11.1"),
    # hw/usb/hcd-xhci.c, usb_xhci_init, and MAXPORTS_2 and MAXPORTS_3 (later XHCI_MAXPORTS_2 and _3) in
    # hcd-xhci.h; `qom-get` of 7.2 returns 15 for 16 and for 4000000000
    Bound("pci-xhci", "p2", 0, 15, clamps=True),
    Bound("pci-xhci", "p3", 0, 15, clamps=True),
    # hw/usb/hcd-ohci.c, usb_ohci_init; hw/usb/dev-hub.c, usb_hub_realize
    Bound("pci-ohci", "num-ports", 0, 15),
    Bound("usb-hub", "ports", 1, 8),
    # hw/pci-bridge/pci_bridge_dev.c, hw/acpi/pcihp.c, hw/acpi/vmgenid.c
    Bound("pci-bridge", "chassis_nr", 1),
    Bound("pci-device", "acpi-index", 0, 16383),
    Bound("vmgenid", "guid", form="guid"),
    # hw/i386/intel_iommu.c; 57 for some modes of newer releases
    Bound("intel-iommu", "aw-bits", numbers=(39, 48, 57)),
    # hw/i386/pc.c; qapi/machine.json, SmbiosEntryPointType
    Bound("machine", "x-oem-id", 0, 6, length=True),
    Bound("machine", "x-oem-table-id", 0, 8, length=True),
    Bound("machine", "max-ram-below-4g", 0, 4 * _GIB),
    Bound("machine", "smbios-entry-point-type", words=("32", "64", "auto")),
    # target/i386/cpu.c, x86_cpuid_set_vendor
    Bound("cpu", "vendor", 12, 12, length=True),
    # system/vl.c, hw/smbios/smbios.c
    Bound("guest", "uuid", form="uuid"),
    Bound("smbios", "uuid", form="uuid"),
    # hw/nvram/fw_cfg.c, fw_cfg_bootsplash and fw_cfg_reboot
    Bound("boot", "splash-time", 0, 65535),
    Bound("boot", "reboot-timeout", -1, 65535),
    # hw/core/numa.c, parse_numa_node and parse_numa_distance
    Bound("numa", "nodeid", 0, HIGHEST_NODE),
    Bound("numa", "val", 10, 255),
)

_BY_NAME: dict[str, list[Bound]] = {}
for _bound in _BOUNDS:
    _BY_NAME.setdefault(_bound.name, []).append(_bound)

_STATEMENTS = ("machine", "cpu", "guest", "smbios", "boot", "numa")

_UNTYPED = ("boot", "numa")
"""Those of them of whose properties no schema says that they are whole numbers."""


def check_bounds(guest: Guest, plugged: list[Plugged]) -> list[Diagnostic]:
    """An error for each value that is out of its bounds; codes out-of-range, wrong-length, bad-value."""
    diagnostics = []
    for device in plugged:
        for name, item in device.said.items():
            if name in _BY_NAME:
                diagnostics += _faults(item, device.kinds, guest.release)
    for keyword in _STATEMENTS:
        for statement in guest.description.all(keyword):
            for item in statement.properties:
                if item.name in _BY_NAME:
                    diagnostics += _faults(item, {keyword}, guest.release)
    return diagnostics


def _faults(item: Property, kinds: Iterable[str], release: str) -> list[Diagnostic]:
    """What is wrong with a value; the first bound that it breaks tells."""
    for bound in _BY_NAME[item.name]:
        if bound.kind in kinds and version_key(release) >= version_key(bound.since or "0"):
            fault = _fault(bound, item)
            if fault is not None:
                return [fault]
    return []


def _fault(bound: Bound, item: Property) -> Diagnostic | None:
    """What is wrong with a value; a kind of value that the property does not take is told elsewhere."""
    if isinstance(item.value, (Block, List)):
        return None
    text, span = item.value.text, item.value.span
    if bound.form or bound.words:
        allowed = _FORMS[bound.form][0] if bound.form else ", ".join(bound.words)
        fine = _FORMS[bound.form][1](text) if bound.form else text in bound.words
        return None if fine else error("bad-value", f"`{text}` is no `{bound.name}`", span, allowed)
    if bound.length:
        size = len(text.encode())
        allowed = f"{bound.low} to {bound.high}" if bound.low < bound.high else str(bound.high)
        if bound.low <= size <= bound.high:
            return None
        message = f"`{bound.name}` has {size} bytes"
        return error("wrong-length", message, span, f"{allowed} bytes")
    value = number(item)
    if value is None and isinstance(item.value, Number) and bound.kind in _UNTYPED:
        return error("wrong-type", f"`{text}` is no whole number", span)
    if value is None or (bound.zero and not value):
        return None
    if bound.numbers:
        allowed = ", ".join(map(str, bound.numbers))
        fine = value in bound.numbers
        return None if fine else error("bad-value", f"`{text}` is no `{bound.name}`", span, allowed)
    if bound.low <= value <= bound.high and not (bound.power and value & (value - 1)):
        return None
    allowed = f"{bound.low} or more" if bound.high == 1 << 64 else f"{bound.low} to {bound.high}"
    if bound.power:
        allowed = f"a power of two, {allowed}"
    help = f"QEMU takes {bound.high} for it" if bound.clamps and value > bound.high else ""
    return error("out-of-range", f"{text} is out of range", span, allowed, help)


def _is_mac(text: str) -> bool:
    """Six bytes in hex, as `set_mac` reads them."""
    pairs = text.replace("-", ":").split(":")
    return len(pairs) == 6 and all(len(pair) == 2 and _HEX.issuperset(pair) for pair in pairs)


def is_uuid(text: str) -> bool:
    """Five groups of hex digits, as `qemu_uuid_parse` in util/uuid.c reads them."""
    groups = text.split("-")
    return [len(group) for group in groups] == [8, 4, 4, 4, 12] and all(map(_HEX.issuperset, groups))


_FORMS = {
    "mac": ("six bytes in hex, such as 52:54:00:12:34:56", _is_mac),
    "uuid": ("a UUID, such as 6c2f0d34-52ab-4d0b-9a6f-8f2f3f8f1a10", is_uuid),
    "guid": ("a UUID, or auto", lambda text: text == "auto" or is_uuid(text)),
}
"""Form of a value -> what it is like, and whether a text is of it."""
