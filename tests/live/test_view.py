"""What a guest sees of a change, and whether its state loads, on real QEMUs.

The table is about the reading: a change that guests notice has to show where this says, and a
change of what stands behind a device must not show at all.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import pytest

from machdesc.live.state import StateFailure, load_state, save_state
from machdesc.live.view import View, differences, read_view
from tests.live.binary import RELEASES, Binary
from tests.live.conftest import binary_or_skip
from tests.live.sight import seen

GUEST = """machdesc 1
guest view01 { uuid "7b1c3a52-0d57-4f0e-9e0c-4b6f3ad0c0aa" }
machine q35 @ 7.2 { }
cpu qemu64 @ v1 { cpus 2 maxcpus 2 sockets 1 dies 1 cores 2 threads 1 }
memory 128MiB { backend ram }
object memory-backend-ram ram { size 128MiB }
device VGA video0 at pcie.0/01.0 { vgamem_mb 16 }
device pcie-root-port rp1 at pcie.0/02.0 { multifunction on chassis 1 port 0x10 }
device pcie-root-port rp2 at pcie.0/02.1 { chassis 2 port 0x11 }
device virtio-net-pci net0 at rp1/00.0 { netdev lan mac "52:54:00:5e:00:01" host_mtu 1500 }
device virtio-blk-pci disk0 at rp2/00.0 { drive disk num-queues 2 queue-size 256 bootindex 1 serial "D1" }
device e1000 net1 at pcie.0/04.0 { netdev spare mac "52:54:00:5e:00:02" }
device qemu-xhci usb0 at pcie.0/05.0 { }
device usb-tablet tablet0 at usb0.0/1 { }
smbios 1 { serial "S-1" }
host {
  accel tcg
  netdev user lan { }
  netdev user spare { }
  blockdev null-co disk { size 1GiB }
}
"""


class Change(NamedTuple):
    """An edit of GUEST; `shows` are patterns of keys (`/` between words) that differ, and nothing else may.

    `refused` are the releases on which the old state does not load.
    """

    name: str
    old: str
    new: str
    shows: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


ALL = RELEASES
NET = "virtio/00/02.0/00.0"
DISK = "virtio/00/02.1/00.0"
CAPABILITIES = "pci/00/02.1/00.0/MSI-X/*"
ACPI = "acpi/*"
FILES = "fw_cfg/file/*"

BEHIND = (
    Change("back end of a NIC", "netdev user lan { }", "netdev hubport lan { hubid 3 }"),
    Change("id of a device", "tablet0", "pointer"),
    Change("ioeventfd", '"D1"', '"D1" ioeventfd off'),
    Change("IOThread", '"D1"', '"D1" iothread io0'),
    Change("default written out", '"D1"', '"D1" discard on'),
    Change("order of devices", "", ""),
    Change("serial of a disk", '"D1"', '"D2"'),
)
"""What no register or table shows."""

SEEN = (
    # Each bus with hot-plug has a number in the AML that QEMU gives in the order of creation.
    Change("order of bridges", "", "", ("acpi/DSDT/sha256",)),
    Change("MAC", "5e:00:01", "5e:00:77", (f"{NET}/config/*",)),
    Change("MAC of another kind of NIC", "5e:00:02", "5e:00:78", ("pci/00/04.0/BAR 0/contents/*",)),
    Change("MTU", "host_mtu 1500", "host_mtu 1400", (f"{NET}/config/*",)),
    Change("boot order", "bootindex 1", "", ("fw_cfg/file/bootorder",)),
    Change("write cache", '"D1"', '"D1" write-cache off', (f"{DISK}/config/*",)),
    Change("size of a disk", "size 1GiB", "size 2GiB", (f"{DISK}/config/*",)),
    Change("UUID", "c0aa", "c0ab", ("smbios/type 1/*", "fw_cfg/item/UUID")),
    Change("SMBIOS string", "S-1", "S-2", ("smbios/type 1/*/serial",)),
    Change("CPU flag", "{ cpus 2", "{ aes on cpus 2", ("cpuid/0x1/0/ECX",)),
    Change(
        "CPU model", "qemu64 @ v1", "Nehalem @ v1", ("cpuid/*", "smbios/type 4/*", "fw_cfg/file/etc/e820/*")
    ),
    Change(
        "topology",
        "sockets 1 dies 1 cores 2",
        "sockets 2 dies 1 cores 1",
        ("cpuid/*", "smbios/*", FILES),
    ),
    Change("SMM off", "{ }\ncpu", "{ smm off }\ncpu", (ACPI, "pci/00/00.0/*")),
    Change("ACPI index", 'mac "52:54:00:5e:00:02', 'acpi-index 7 mac "52:54:00:5e:00:02', (ACPI, FILES)),
    Change(
        "another device",
        "smbios",
        "device pci-testdev more at pcie.0/09.0 {}\nsmbios",
        ("pci/00/09.0/*", ACPI, FILES),
    ),
    Change("vmport off", "{ }\ncpu", "{ vmport off }\ncpu", ("map/I/O/0x5658",), ALL),
    Change("USB port", "usb0.0/1", "usb0.0/2", ("pci/00/05.0/BAR 0/contents/*",), ALL),
    Change("queues", "num-queues 2", "num-queues 3", (f"{DISK}/*", CAPABILITIES), ALL),
    Change("size of queues", "queue-size 256", "queue-size 128", (f"{DISK}/*",), ("11.1",)),
    Change("vectors", '"D1"', '"D1" vectors 5', (CAPABILITIES,), ALL),
    Change("page per queue", '"D1"', '"D1" page-per-vq on', ("pci/00/02.1/00.0/*",), ALL),
    Change("ROM off", "host_mtu", "rombar 0 host_mtu", ("pci/00/02.0/00.0/option ROM/*", FILES), ALL),
    Change("ROM of none", "host_mtu", 'romfile "" host_mtu', ("pci/00/02.0/00.0/option ROM/*",), ALL),
    Change("port of a root port", "port 0x10", "port 0x12", ("pci/00/02.0/PCI Express/*",), ALL),
    Change("VGA memory", "vgamem_mb 16", "vgamem_mb 32", ("pci/00/01.0/BAR *",), ALL),
    Change("address", "pcie.0/04.0", "pcie.0/06.0", ("pci/00/04.0/*", "pci/00/06.0/*", ACPI), ALL),
    Change("HPET off", "{ }\ncpu", "{ hpet off }\ncpu", (ACPI, "map/*", "fw_cfg/*"), ALL),
    Change("memory", "128MiB", "256MiB", ("map/*", "cmos/*", "fw_cfg/*", "smbios/*", ACPI), ALL),
    Change(
        "device removed", "device usb-tablet tablet0 at usb0.0/1 { }\n", "", ("pci/00/05.0/BAR 0/*",), ALL
    ),
)
"""What some register or table shows."""

ON_EVERY_RELEASE = {"order of devices", "MAC", "queues", "size of queues", "VGA memory", "memory", "UUID"}
"""The others are tried on the newest only: QEMU starts in a moment, but there are many."""


class Base(NamedTuple):
    """What GUEST shows, and its state."""

    view: View
    state: Path


@pytest.fixture(scope="module")
def base_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Binary], Base]:
    """The unchanged guest under a release, read once."""
    found: dict[str, Base] = {}

    def base(binary: Binary) -> Base:
        if binary.release not in found:
            path = tmp_path_factory.mktemp("state") / binary.release
            with seen(GUEST, binary) as process:
                save_state(process, path)
                found[binary.release] = Base(read_view(process), path)
        return found[binary.release]

    return base


def edited(change: Change) -> str:
    """GUEST after a change."""
    if change.name.startswith("order of"):
        return reordered(bridges=change.name == "order of bridges")
    assert change.old in GUEST, change.name
    text = GUEST.replace(change.old, change.new)
    return text.replace("host {", "object iothread io0 { }\nhost {") if "iothread" in change.new else text


def reordered(bridges: bool) -> str:
    """GUEST with the root ports the other way round, or all devices but them."""
    lines = GUEST.splitlines()
    moved = [
        n for n, line in enumerate(lines) if line.startswith("device") and ("root-port" in line) == bridges
    ]
    order = dict(zip(moved, reversed(moved), strict=True))
    return "\n".join(lines[order.get(n, n)] for n in range(len(lines)))


CASES = [
    pytest.param(release, change, id=f"{change.name}-{release}")
    for change in (*BEHIND, *SEEN)
    for release in (RELEASES if change.name in ON_EVERY_RELEASE else RELEASES[-1:])
]


@pytest.mark.live
@pytest.mark.parametrize(("release", "change"), CASES)
def test_a_change_shows_where_it_should(
    release: str, change: Change, base_of: Callable[[Binary], Base]
) -> None:
    binary = binary_or_skip(release)
    base = base_of(binary)
    text = edited(change)
    with seen(text, binary) as process:
        found = differences(base.view, read_view(process))
    keys = ["/".join(difference.key) for difference in found]
    stray = [key for key in keys if not any(fnmatchcase(key, pattern) for pattern in change.shows)]
    missing = [p for p in change.shows if not any(fnmatchcase(key, p) for key in keys)]
    with seen(text, binary, incoming=True) as process:
        try:
            load_state(process, base.state)
            refusal = ""
        except StateFailure as failure:
            refusal = str(failure)
    assert not stray
    assert not missing
    assert bool(refusal) == (release in change.refused), refusal


@pytest.mark.live
def test_the_same_guest_shows_the_same_twice(binary: Binary, base_of: Callable[[Binary], Base]) -> None:
    with seen(GUEST, binary) as process:
        again = read_view(process)
    assert differences(base_of(binary).view, again, told=True) == []


@pytest.mark.live
def test_every_group_is_read(binary: Binary, base_of: Callable[[Binary], Base]) -> None:
    groups = {key[0] for key in base_of(binary).view}
    assert groups == {"acpi", "cmos", "cpuid", "fw_cfg", "map", "pci", "smbios", "told", "virtio"}


MANY_BUSES = """machdesc 1
guest buses
machine q35 @ 7.2
memory 128MiB
device pxb-pcie host2 at pcie.0/05.0 { bus_nr 2 }
device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 }
device pcie-root-port rp2 at pcie.0/03.0 { chassis 2 }
device pcie-root-port rp3 at pcie.0/04.0 { chassis 3 }
device pcie-root-port rp4 at host2/00.0 { chassis 4 }
device e1000e net1 at rp1/00.0
device e1000e net2 at rp2/00.0
device e1000e net3 at rp3/00.0
device e1000e net4 at rp4/00.0
device intel-iommu iommu0 { device-iotlb on }
host { accel tcg }
"""


@pytest.mark.live
def test_all_buses_are_walked_though_an_expander_leaves_them_few_numbers(binary: Binary) -> None:
    with seen(MANY_BUSES, binary) as process:
        view = read_view(process)
    ports = {str(key[1]) for key in view if key[0] == "pci" and len(key[1].split("/")) == 3}
    assert ports == {"00/02.0/00.0", "00/03.0/00.0", "00/04.0/00.0", "02/00.0/00.0"}
    assert all(("pci", port, "BAR 0", "contents", "0x5400") in view for port in ports)


@pytest.mark.live
def test_an_iommu_says_what_it_can(binary: Binary) -> None:
    views = []
    for text in (MANY_BUSES, MANY_BUSES.replace("iotlb on", "iotlb off")):
        with seen(text, binary) as process:
            views.append(read_view(process))
    assert ("iommu", "0xfed90000", "extended capabilities") in [d.key for d in differences(*views)]
