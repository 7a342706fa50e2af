"""Which properties a guest sees: data, with a reason for each line.

The first line that fits decides. What no line names counts as seen by the guest, whatever the
contract, so that a property which nobody has looked at is told rather than passed over.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement
from machdesc.check.wildcard import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog
    from machdesc.resolve.guest import Guest

SEEN = "additive"

_HOST = "decides how the host does its work, not what the device is"

LINES: tuple[tuple[str, str, str, str], ...] = (
    # owner's type, property, the weakest contract that a difference breaks, reason
    ("*", "ioeventfd", "", "where QEMU handles the guest's notifications: same registers (virtio-pci.c)"),
    ("*", "iothread", "", "the thread that serves the device"),
    ("*", "iothread-vq-mapping", "", "the threads that serve the queues"),
    ("*", "werror", "", "what the host does when its own storage fails"),
    ("*", "rerror", "", "what the host does when its own storage fails"),
    ("virtio-blk*", "request-merging", "", "whether the host merges requests (virtio-blk.c)"),
    ("virtio-9p*", "fsdev", "", "which folder of the host it is"),
    ("*", "share-rw", "", "whether other processes of the host may write"),
    ("*", "account-invalid", "", "statistics of the host"),
    ("*", "account-failed", "", "statistics of the host"),
    ("*", "stats-intervals", "", "statistics of the host"),
    ("*", "debug", "", _HOST),
    ("*", "audiodev", "", "where the sound goes"),
    ("virtio-net*", "tx", "", "when the host sends what the guest has queued"),
    ("virtio-net*", "x-txtimer", "", "when the host sends what the guest has queued"),
    ("virtio-net*", "x-txburst", "", "how much the host sends at once"),
    ("virtio-mem*", "prealloc", "", "whether the host takes memory before it gives it (virtio-mem.c)"),
    ("virtio-input-hid-*", "display", "", "from which of the host's windows input comes"),
    ("virtio-input-hid-*", "head", "", "from which of the host's windows input comes"),
    ("usb-hid", "display", "", "from which of the host's windows input comes (hw/usb/dev-hid.c)"),
    ("usb-hid", "head", "", "from which of the host's windows input comes (hw/usb/dev-hid.c)"),
    ("virtio-rng*", "max-bytes", "", "how fast the host gives numbers"),
    ("virtio-rng*", "period", "", "how fast the host gives numbers"),
    ("virtio-*", "use-started", "live", "whether a saved state has a field more (virtio.c)"),
    ("virtio-*", "use-disabled-flag", "live", "whether a saved state has a field more (virtio.c)"),
    ("virtio-*", "x-disable-legacy-check", "", "whether QEMU refuses a modern-only device on a legacy bus"),
    ("isa-serial", "baudbase", "", "the speed that a line of the host is set to (hw/char/serial.c)"),
    ("*uhci*", "bandwidth", "", "how much of a frame QEMU does at once"),
    ("*hci*", "maxframes", "", "how many frames QEMU catches up with at once"),
    ("*", "migrate-extra", "live", "whether a saved state has a section more"),
    ("fw_cfg*", "acpi-mr-restore", "live", "whether a saved state has a section more (hw/nvram/fw_cfg.c)"),
    ("pci-host-bridge", "x-config-reg-migration-enabled", "live", "the same (hw/pci/pci_host.c)"),
    ("PIIX4_PM", "x-not-migrate-acpi-index", "live", "whether a saved state has a field more (piix4.c)"),
    ("scsi-disk-base", "migrate-emulated-scsi-request", "live", "the same (hw/scsi/scsi-disk.c)"),
    ("e1000e*", "migrate-timadj", "live", "the same (hw/net/e1000e.c)"),
    ("virtio-mem*", "x-early-migration", "live", "which part of a saved state holds it (virtio-mem.c)"),
    ("virtio-gpu*", "x-scanout-vmstate-version", "live", "the form of a saved state (virtio-gpu.c)"),
    ("machine", "mem-merge", "", "whether the host shares equal pages"),
    ("machine", "dump-guest-core", "", "what a core dump of QEMU holds"),
    ("machine", "suppress-vmdesc", "", "a description at the end of a saved state, which loading ignores"),
    ("machine", "memory-backend", "live", "a saved state names the RAM block by its back end"),
    ("machine", "aux-ram-share", "", "whether other processes of the host can map it"),
    ("machine", "pcspk-audiodev", "", "where the sound goes"),
    ("machine", "dumpdtb", "", "a file that QEMU writes"),
    ("migration", "*", "live", "how a saved state is written, and what loading it expects (options.c)"),
    ("cpu", "check", "", "whether QEMU warns about features that the host lacks"),
    ("cpu", "enforce", "", "whether QEMU starts without features that the host lacks"),
)


def visibility(difference: Difference, guest: Guest) -> str:
    """The weakest contract that a property's difference breaks; empty when the guest sees nothing."""
    from machdesc.check.condition import shows

    return contract(difference, guest) if shows(difference, guest) else ""


def contract(difference: Difference, guest: Guest) -> str:
    """What the table says of a property, whatever else the guest has."""
    name = difference.name.rpartition(".")[2]
    key = guest.catalog, guest.release, difference.type, name
    found = _contracts.get(key)
    if found is None:
        found = _contracts[key] = _find_contract(*key)
    return found


def _find_contract(catalog: Catalog, release: str, type: str, name: str) -> str:
    types = type, *catalog.ancestors(type, release)
    for owner, pattern, breaks, _ in LINES:
        if matches(name, pattern) and any(matches(own, owner) for own in types):
            return breaks
    return SEEN


_contracts: dict[tuple[Catalog, str, str, str], str] = {}


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement | None:
    """The judgement of every rule about properties: what the table says, for either side."""
    breaks = visibility(difference, new)
    if not breaks and old.device(difference.subject) is not None:
        breaks = visibility(difference, old)
    return Judgement(breaks) if breaks else None
