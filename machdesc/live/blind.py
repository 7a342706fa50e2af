"""What a reading cannot tell: values that change by themselves, and properties that no reading shows."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple


class Volatile(NamedTuple):
    """Keys, as one pattern per word, whose values differ between two starts of the same guest."""

    pattern: tuple[str, ...]
    reason: str


class BlindSpot(NamedTuple):
    """A property of devices whose type is like a pattern, that this reading does not show.

    `told` if QMP tells it, so that it stands under `told` in a view.
    """

    device: str
    property: str
    reason: str
    told: bool


VOLATILE = (
    *(Volatile(("cmos", f"{n:#04x}"), "date and time of the real-time clock") for n in range(0x0A)),
    Volatile(("cmos", "0x0a"), "the real-time clock shows here that it is being updated"),
    Volatile(("cmos", "0x0c"), "interrupts of the real-time clock that are pending"),
    Volatile(("cmos", "0x32"), "century of the real-time clock"),
    Volatile(("cmos", "0x37"), "century of the real-time clock, on PS/2"),
)

OF_THE_BUILD = (
    Volatile(("pci", "*", "option ROM", "sha256"), "the ROM files that come with a QEMU"),
    Volatile(("pci", "*", "PCI Express", "0x18"), "slot control, which a driver sets: 7.2 begins otherwise"),
    Volatile(("fw_cfg", "file", "genroms/*"), "the ROM files that come with a QEMU"),
    Volatile(("fw_cfg", "file", "vgaroms/*"), "the ROM files that come with a QEMU"),
)
"""Keys whose values differ between two builds of QEMU that have the same machine type."""

_TALK = "the guest learns it by a request to the device"
_NVME = "the guest learns it by NVMe commands"
_LOADED = "it shows in a state in which a driver has set up the device"
_MASKED = "only behind a tap or a vhost back end: others offer nothing that this could take away"

BLIND_SPOTS = (
    BlindSpot("*-x86_64-cpu", "*", "a feature that TCG lacks is off; hv-* and kvm-* need KVM", True),
    BlindSpot("virtio-blk*", "serial", _TALK, True),
    BlindSpot("*", "acpi-index", "the guest learns it by a method of the ACPI tables", True),
    BlindSpot("sb16", "*", "the driver reads it from the mixer's registers", False),
    BlindSpot("ne2k_*", "mac", "behind a BAR of I/O ports, which are not read", False),
    BlindSpot("pcnet", "mac", "behind a BAR of I/O ports, which are not read", False),
    BlindSpot("i82*", "mac", "in an EEPROM, which is read bit by bit", False),
    BlindSpot("scsi-*", "*", "the guest learns it by SCSI commands", True),
    BlindSpot("ide-*", "*", "the guest learns it by ATA commands", True),
    BlindSpot("nvme-ns", "*", _NVME, True),
    BlindSpot("nvme-subsys", "*", _NVME, False),
    BlindSpot("nvme", "serial", _NVME, True),
    BlindSpot("nvme", "drive", _NVME, False),
    BlindSpot("nvme", "aer_max_queued", _NVME, False),
    BlindSpot("pvpanic", "events", "behind an I/O port, which is not read", False),
    BlindSpot("nvme", "size", _NVME, False),
    BlindSpot("nvme", "read-only", _NVME, False),
    BlindSpot("nvme", "mdts", _NVME, False),
    BlindSpot("nvme", "vsl", _NVME, False),
    BlindSpot("nvme", "aerl", _NVME, False),
    BlindSpot("nvme", "ocp", _NVME, False),
    BlindSpot("nvme", "dbcs", _NVME, False),
    BlindSpot("nvme", "max_ioqpairs", _NVME, False),
    BlindSpot("nvme", "zoned.*", _NVME, False),
    BlindSpot("usb-*", "*", "the guest learns it by USB requests", True),
    BlindSpot("hda-*", "*", "the guest learns it by commands to the codec", False),
    BlindSpot("virtserialport", "*", "the guest learns it by messages of virtio-serial", True),
    BlindSpot("virtconsole", "*", "the guest learns it by messages of virtio-serial", True),
    *(
        BlindSpot(type, name, _TALK, False)
        for type in ("virtio-gpu*", "virtio-vga*")
        for name in ("edid", "xres", "yres", "max_hostmem")
    ),
    BlindSpot("cirrus-vga", "blitter", "the guest learns it by drawing", False),
    BlindSpot("isa-serial", "wakeup", "the guest learns it when it sleeps", False),
    BlindSpot("intel-iommu", "stale-tm", "which bits of a page table are reserved shows in faults", False),
    BlindSpot("*", "aer_log_max", "the guest learns it by errors that the host reports", False),
    BlindSpot("virtio-*", "virtio-pci-bus-master-bug-migration", _LOADED, False),
    BlindSpot("virtio-*", "migrate-extra", _LOADED, False),
    BlindSpot("virtio-*", "use-disabled-flag", _LOADED, False),
    BlindSpot("virtio-*", "use-started", _LOADED, False),
    BlindSpot("*", "x-pcie-extcap-init", "the guest learns it by writing to the first capability", False),
    BlindSpot("ipmi-bmc-sim", "*", "the guest learns it by IPMI commands", False),
    BlindSpot("floppy", "*", "the guest learns it by commands to the controller", False),
    BlindSpot("pcie-root-port", "chassis", "it only has to be unique; a hot-plug driver may show it", True),
    BlindSpot("virtio-net*", "csum", _MASKED, False),
    BlindSpot("virtio-net*", "guest_*", _MASKED, False),
    BlindSpot("virtio-net*", "host_tso*", _MASKED, False),
    BlindSpot("virtio-net*", "host_ufo", _MASKED, False),
    BlindSpot("virtio-net*", "host_ecn", _MASKED, False),
    BlindSpot("virtio-net*", "host_uso", "vhost-user never offers it, a tap may", False),
    BlindSpot("virtio-net*", "guest_uso*", "vhost-user never offers it, a tap may", False),
    BlindSpot("virtio-net*", "gso", _MASKED, False),
    BlindSpot("virtio-*", "ats", "needs an IOMMU", False),
)


def is_volatile(key: tuple[str, ...], other_build: bool = False) -> bool:
    """Whether a value changes by itself; with `other_build`, also when another QEMU is taken."""
    entries = VOLATILE + OF_THE_BUILD if other_build else VOLATILE
    return any(
        len(key) == len(entry.pattern) and all(map(fnmatchcase, key, entry.pattern)) for entry in entries
    )
