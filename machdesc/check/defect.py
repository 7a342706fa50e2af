"""Known defects: releases in which a machine type is not what it is in others, as data.

Each line names its source: where it was measured, or QEMU's own history.
"""

from __future__ import annotations

from machdesc.check.wildcard import matches
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest


class Defect(Record):
    """A defect that a guest meets when it goes from one release to another.

    `ways` are pairs of releases, the old one first. `machine` and `device` are patterns of the
    machine type's name and of a device's type (`*` alone: any, also none). `text` says what
    happens, `source` where that is known from.
    """

    ways: tuple[tuple[str, str], ...]
    machine: str
    device: str
    breaks: str
    text: str
    source: str


DEFECTS = (
    Defect(
        (("10.0", "11.1"),),
        "*",
        "virtio-*",
        "live",
        "the state of virtio devices does not load: QEMU 10.0.13 shows and saves queues of 1024 entries",
        "states of ten guests from 10.0.13 in 11.1.3: `VQ 0 vring.num 1024 exceeds allocated max 256`; "
        "those from 11.1.3 load in 10.0.13",
    ),
    Defect(
        (("11.1", "10.0"), ("11.1", "7.2"), ("11.1", "5.2")),
        "*",
        "nvme",
        "live",
        "the state of nvme does not load: QEMU 11.1 saves it, older releases refuse",
        "states of two guests from 11.1.3 in 10.0.13: `State blocked by non-migratable device`; it is marked "
        "unmigratable in hw/nvme/ctrl.c of 10.0 and 7.2, hw/block/nvme.c of 5.2",
    ),
    Defect(
        (("7.2", "10.0"), ("7.2", "11.1"), ("10.0", "7.2"), ("11.1", "7.2")),
        "*",
        "pcie-root-port",
        "additive",
        "the link capabilities of pcie-root-port are other bytes in QEMU 7.2 than in 10.0 and 11.1",
        "config space of 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2",
    ),
)


def find_defect(old: Guest, new: Guest) -> Defect | None:
    """The worst defect that a guest meets between two releases."""

    met = [
        defect
        for defect in DEFECTS
        if (old.release, new.release) in defect.ways
        and matches(new.machine_name, defect.machine)
        and (defect.device == "*" or any(_is(device, defect.device) for device in _types(new)))
    ]
    order = ("live", "cold", "additive")
    return max(met, key=lambda defect: order.index(defect.breaks), default=None)


def _types(guest: Guest) -> list[str]:
    return [device.type.name for device in guest.devices if device.type is not None]


def _is(type: str, pattern: str) -> bool:

    return matches(type, pattern)
