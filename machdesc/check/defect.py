"""Known defects: releases in which a machine type is not what it is in others, as data.

Each line names its source: where it was measured, or QEMU's own history.
"""

from __future__ import annotations

from machdesc.check.wildcard import matches
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machdesc.resolve.guest import Guest


class Defect(Record):
    """A defect that a guest meets when it goes from one release to another.

    `ways` are pairs of releases, the old one first; `machines` are machine types, `devices` types of
    devices, of which the guest has one; all are patterns, of which `*` fits anything. `breaks` is a
    contract, empty for what is only to be noted. `text` says what happens, `source` where that is known
    from. `doubt` says what decides whether it happens, empty when it always does. `meets` tells of a guest
    whether it has what else it takes.
    """

    ways: tuple[tuple[str, str], ...]
    machines: tuple[str, ...]
    devices: tuple[str, ...]
    breaks: str
    text: str
    source: str
    doubt: str = ""
    meets: Callable[[Guest], bool] = lambda guest: True


def _has_full_port(guest: Guest) -> bool:
    """Whether there is a device behind a port that takes one while the guest runs."""
    ports = [device.id for device in guest.devices if device.type is not None and device.type.name in _PORTS]
    return any(device.address is not None and device.address.bus.owner in ports for device in guest.devices)


_PORTS = ("pcie-root-port", "ioh3420", "xio3130-downstream")


def _has_two_networks(guest: Guest) -> bool:
    """Whether there is more than one network of QEMU's own."""
    heads = [statement.head for statement in guest.description.host_all("netdev")]
    return sum(head is not None and head.text == "user" for head in heads) > 1


_FROM_7_2 = (("7.2", "10.0"), ("7.2", "11.1"), ("10.0", "7.2"), ("11.1", "7.2"))
_TO_11_1 = (("7.2", "11.1"), ("10.0", "11.1"), ("11.1", "7.2"), ("11.1", "10.0"))
"""What is different in 7.2, and in 11.1, from the others of these three, whichever way a guest goes."""

DEFECTS = (
    Defect(
        (("10.0", "11.1"),),
        ("*",),
        ("virtio-*",),
        "live",
        "the state of virtio devices does not load: QEMU 10.0.13 shows and saves queues of 1024 entries",
        "states of ten guests from 10.0.13 in 11.1.3: `VQ 0 vring.num 1024 exceeds allocated max 256` "
        "(8 of virtio-rng); those from 11.1.3 load in 10.0.13. `virtio_add_queue` in hw/virtio/virtio.c of "
        "10.0.13 sets `queue_size = VIRTQUEUE_MAX_SIZE`. A build has it if "
        "`x-query-virtio-queue-status` tells a `vring-num-default` of 1024 for a queue of 256",
    ),
    Defect(
        (("*", "10.0"), ("10.0", "*")),
        ("*",),
        ("virtio-*",),
        "additive",
        "the queues of virtio devices have another size: QEMU 10.0.13 shows 1024 whatever is set",
        "queues of virtio-rng-pci in 5.2.0, 7.2.22, 10.0.13 and 11.1.3, of virtio-blk, virtio-net and "
        "virtio-scsi in the last three; hw/virtio/virtio.c as above. A guest that moves keeps its queues "
        "until it starts anew",
    ),
    Defect(
        (("11.1", "10.0"), ("11.1", "7.2")),
        ("*",),
        ("ipmi-bmc-sim",),
        "live",
        "the state of ipmi-bmc-sim does not load: QEMU 11.1 saves version 2, older releases load version 1",
        "a state from 11.1.3 in 10.0.13 and 7.2.22: `savevm: unsupported version 2 for 'ipmi-bmc-sim' v1`; "
        "they register it by themselves (hw/ipmi/ipmi_bmc_sim.c of 10.0), so that no dump tells of it",
    ),
    Defect(
        (("10.0", "7.2"), ("11.1", "7.2")),
        ("microvm",),
        ("*",),
        "live",
        "a state of microvm does not load in QEMU before 10.0: it holds a command that these do not know",
        "states from 10.0.13 and 11.1.3 in 7.2.22: `MIG_CMD 0xb unknown`; `send-switchover-start` of "
        "`migration` is off up to 9.2 (hw_compat_9_2 in hw/core/machine.c of 10.0); microvm has no version",
    ),
    Defect(
        _FROM_7_2,
        ("*",),
        _PORTS,
        "",
        "the slot control of a PCI Express port with a device begins with the power indicator on in QEMU "
        "7.2, and off in 10.0 and 11.1; a driver of the port sets it",
        "config space of 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2: 0x1c0, then 0x3c0, at 0x18 of the PCI "
        "Express capability; an empty port has 0x7c0 in all",
        meets=_has_full_port,
    ),
    Defect(
        _FROM_7_2,
        ("*",),
        ("floppy",),
        "additive",
        "CMOS byte 0x14 says in QEMU 7.2 alone that there is a floppy drive",
        "CMOS of 7.2.22, 10.0.13 and 11.1.3 under pc-i440fx-7.2 with a `floppy`; `pc_cmos_init_floppy` in "
        "hw/i386/pc.c",
    ),
    Defect(
        _FROM_7_2,
        ("*",),
        ("nvme",),
        "additive",
        "the controller capabilities of nvme (CAP.CSS) are another number in QEMU 7.2 than in 10.0 and 11.1",
        "registers of 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2; NVME_CAP_SET_CSS in hw/nvme/ctrl.c",
    ),
    Defect(
        _FROM_7_2,
        ("*",),
        ("virtio-mem-pci",),
        "additive",
        "virtio-mem-pci does not offer feature 2 (persistent memory after suspend) in QEMU 7.2",
        "features in 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2; VIRTIO_MEM_F_PERSISTENT_SUSPEND in "
        "hw/virtio/virtio-mem.c of 10.0 hangs on no property",
    ),
    Defect(
        _FROM_7_2,
        ("*",),
        ("virtio-crypto-pci",),
        "additive",
        "the config of virtio-crypto-pci tells other services, algorithms and sizes in QEMU 7.2",
        "config at 0x08, 0x2c and 0x30 in 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2, with "
        "cryptodev-backend-builtin",
    ),
    Defect(
        _FROM_7_2,
        ("*",),
        ("virtio-keyboard-*", "virtio-mouse-*", "virtio-tablet-*"),
        "additive",
        "virtio-keyboard, virtio-mouse and virtio-tablet tell of other keys in QEMU 7.2",
        "config EV_KEY in 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2",
    ),
    Defect(
        _FROM_7_2,
        ("*",),
        ("pci-bridge", "pcie-pci-bridge"),
        "",
        "the hot-plug controller of pci-bridge and pcie-pci-bridge begins with other states of its slots in "
        "QEMU 7.2; its driver sets them",
        "BAR 0 in 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2",
    ),
    Defect(
        _TO_11_1,
        ("*",),
        ("virtio-gpu*", "virtio-vga*"),
        "additive",
        "the config of virtio-gpu and virtio-vga has four bytes more in QEMU 11.1",
        "config at 0x10 in 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2",
    ),
    Defect(
        _TO_11_1,
        ("microvm",),
        ("virtio-*",),
        "additive",
        "virtio devices on virtio-mmio show queues of 1024 entries whatever is set before QEMU 11.1",
        "QueueNumMax in 7.2.22, 10.0.13 and 11.1.3; `virtio_mmio_read` in hw/virtio/virtio-mmio.c of 10.0 "
        "answers VIRTQUEUE_MAX_SIZE",
    ),
    Defect(
        _TO_11_1,
        ("*",),
        ("intel-iommu",),
        "additive",
        "intel-iommu has bit 63 of its capabilities (ESRTPS) in QEMU 11.1",
        "register 0x8 in 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2",
    ),
    Defect(
        _TO_11_1,
        ("*",),
        ("amd-iommu",),
        "additive",
        "the PCI function of amd-iommu has another device id in QEMU 11.1: 0x1419 in place of 0x0008",
        "config space of 7.2.22, 10.0.13 and 11.1.3 under pc-q35-7.2",
    ),
    Defect(
        tuple((old, new) for old in ("10.0", "11.1") for new in ("5.2", "7.2")),
        ("*",),
        ("*",),
        "live",
        "the state of two `netdev user` does not load in QEMU 7.2, which gives both of them one number",
        "states from 10.0.13 and 11.1.3 in 7.2.22: `Unknown savevm section or instance 'slirp' 1`; "
        "`register_savevm_live` in net/slirp.c of 7.2.22 and 10.0.13",
        meets=_has_two_networks,
    ),
    Defect(
        tuple(way for old in ("6.0", "6.1", "6.2") for way in ((old, "*"), ("*", old))),
        tuple(f"pc-i440fx-{version}" for version in ("1.*", "2.*", "3.*", "4.*", "5.*", "6.0", "6.1", "6.2")),
        ("*",),
        "live",
        "the state of piix4_pm may not load: `Missing section footer for 0000:00:01.3/piix4_pm`",
        "`x-not-migrate-acpi-index` in hw/acpi/piix4.c of 7.2, and the commit that brought it in, "
        "a83c2844903c in 7.0",
        "QEMU 6.0 to 6.2 looks in a wrong place for whether `acpi_index` is in it, where builds differ",
    ),
)


def find_defects(old: Guest, new: Guest) -> list[Defect]:
    """The defects that a guest meets between two releases.

    Both sides have to have what a defect is about: what is only on one of them cannot be kept anyhow,
    and is a difference of its own.
    """
    if old.release == new.release:
        return []
    return [
        defect
        for defect in DEFECTS
        if any(matches(old.release, before) and matches(new.release, after) for before, after in defect.ways)
        and all(_has(guest, defect) for guest in (old, new))
    ]


def _has(guest: Guest, defect: Defect) -> bool:
    """Whether a guest has a machine and a device that a defect is about."""
    types = {device.type.name for device in guest.devices if device.type is not None}
    return (
        any(matches(guest.machine_name, machine) for machine in defect.machines)
        and ("*" in defect.devices or any(matches(t, device) for t in types for device in defect.devices))
        and defect.meets(guest)
    )
