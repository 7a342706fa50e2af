"""Virtio devices: the features that they offer, their queues, and their config.

Sources: the feature bits and layouts of config are those of the virtio specification (1.2), under the
names that QEMU gives its properties (DEFINE_VIRTIO_COMMON_FEATURES in include/hw/virtio/virtio.h, and the
lists of properties in hw/*/virtio-*.c, of 7.2 and 10.2). tests/live sets each to both values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from machdesc.live.view import View
from machdesc.verify.sight.claim import Claim, Seen

COMMON = {
    "indirect_desc": 28, "event_idx": 29, "iommu_platform": 33, "packed": 34, "in_order": 35,
    "queue_reset": 40,
}  # fmt: skip
"""Property of every virtio device -> number of the feature that it offers."""

FEATURES = {
    "virtio-net-device": {
        "mrg_rxbuf": 15, "status": 16, "ctrl_vq": 17, "ctrl_rx": 18, "ctrl_vlan": 19, "ctrl_rx_extra": 20,
        "guest_announce": 21, "mq": 22, "ctrl_mac_addr": 23, "guest_rsc_ext": 61,
    },
    "virtio-blk-device": {"config-wce": 11, "discard": 13, "write-zeroes": 14},
    "virtio-scsi-device": {"hotplug": 1, "param_change": 2},
    "virtio-serial-device": {"emergency-write": 2},
    "virtio-balloon-device": {
        "deflate-on-oom": 2, "free-page-hint": 3, "page-poison": 4, "free-page-reporting": 5,
    },
    "virtio-gpu-device": {"edid": 1, "blob": 3},
}  # fmt: skip
"""Type -> property -> number of its feature. Those that need a back end's consent are not here."""


class Field(NamedTuple):
    """A number in a device's config: where it is, how many bytes it has, and the value of the property with
    which it is not there."""

    offset: int
    size: int
    absent: int | None = None


FIELDS = {
    "virtio-net-device": {"host_mtu": Field(0x0A, 2, absent=0)},
    "virtio-blk-device": {"logical_block_size": Field(0x14, 4), "num-queues": Field(0x22, 2)},
    "virtio-scsi-device": {
        "num_queues": Field(0x00, 4), "max_sectors": Field(0x08, 4), "cmd_per_lun": Field(0x0C, 4),
    },
    "virtio-serial-device": {"max_ports": Field(0x04, 4)},
    "virtio-gpu-device": {"max_outputs": Field(0x08, 4)},
    "virtio-mem": {
        "block-size": Field(0x00, 8), "node": Field(0x08, 2), "memaddr": Field(0x10, 8),
        "requested-size": Field(0x30, 8),
    },
    "virtio-pmem": {"memaddr": Field(0x00, 8)},
    "virtio-sound-device": {"jacks": Field(0x00, 4), "streams": Field(0x04, 4), "chmaps": Field(0x08, 4)},
}  # fmt: skip
"""Type -> property -> its place in the config."""

QUEUES = {
    "virtio-blk-device": ("num-queues", 0),
    "virtio-scsi-device": ("num_queues", 2),
}
"""Type -> property that is the number of queues, and how many more there are."""

QUEUE_SIZES: dict[str, dict[str, Callable[[int], bool]]] = {
    "virtio-blk-device": {"queue-size": lambda number: True},
    "virtio-scsi-device": {"virtqueue_size": lambda number: True},
    "virtio-net-device": {"rx_queue_size": lambda number: number == 0},
}
"""Type -> property -> whether it is the size of the queue with a number."""

_LEGACY_VERSION = 1
_MODERN_ONLY = 32
"""Features from this on cannot be told by a device's registers of before virtio 1.0."""


def virtio_claims(seen: Seen, view: View) -> Iterator[Claim]:
    """Claims about one device, if it is a virtio device that the guest can see."""
    base: tuple[str, ...] = ("virtio", seen.path)
    if (*base, "queues") not in view:
        base = (*base, "legacy")
    if not seen.virtio_type or not any(key[: len(base)] == base for key in view):
        return
    # A device on virtio-mmio has a version, and cannot show sizes of queues (hw/virtio/virtio-mmio.c).
    version = view.get((*base, "version"))
    yield from _features(seen, view, base, base[-1] != "legacy" and version != _LEGACY_VERSION)
    yield from _fields(seen, view, base)
    yield from _queue_count(seen, view, base)
    if version is None:
        yield from _queue_sizes(seen, view, base)
    if (mac := seen.known("mac")) is not None and seen.virtio_type == "virtio-net-device":
        address = ":".join(f"{byte:02x}" for byte in _config(view, base)[:6])
        yield seen.claim("mac", "its config", str(mac.value).lower(), address)


def _features(seen: Seen, view: View, base: tuple[str, ...], is_modern: bool) -> Iterator[Claim]:
    # What a vhost device offers is up to the program behind it.
    common = COMMON if seen.virtio_type.startswith("virtio-") else {}
    for name, bit in {**common, **FEATURES.get(seen.virtio_type, {})}.items():
        value = seen.known(name)
        if value is not None and isinstance(value.value, bool) and (is_modern or bit < _MODERN_ONLY):
            offered = (*base, "feature", str(bit)) in view
            words = {True: "offered", False: "not offered"}
            yield seen.claim(name, f"virtio feature {bit}", words[value.value], words[offered])


def _fields(seen: Seen, view: View, base: tuple[str, ...]) -> Iterator[Claim]:
    config = _config(view, base)
    for name, field in FIELDS.get(seen.virtio_type, {}).items():
        number = seen.number(name)
        content = config[field.offset : field.offset + field.size]
        if number not in (None, field.absent) and len(content) == field.size:
            yield seen.claim(
                name, f"its config at {field.offset:#x}", number, int.from_bytes(content, "little")
            )


def _queue_count(seen: Seen, view: View, base: tuple[str, ...]) -> Iterator[Claim]:
    name, more = QUEUES.get(seen.virtio_type, ("", 0))
    number = seen.number(name)
    if number is not None and (*base, "queues") in view:
        yield seen.claim(name, "the number of its queues", number + more, view[(*base, "queues")])


def _queue_sizes(seen: Seen, view: View, base: tuple[str, ...]) -> Iterator[Claim]:
    for name, is_meant in QUEUE_SIZES.get(seen.virtio_type, {}).items():
        number = seen.number(name)
        sizes = {size for key, size in view.items() if key[:3] == (*base, "queue") and is_meant(int(key[3]))}
        if number is not None and sizes:
            read = sorted(map(str, sizes))
            yield seen.claim(name, "the size of its queues", str(number), ", ".join(read))


def _config(view: View, base: tuple[str, ...]) -> bytes:
    """A device's config, up to where it ends."""
    content = b""
    while (words := view.get((*base, "config", f"{len(content):#04x}"))) is not None:
        content += bytes.fromhex(str(words))
    return content
