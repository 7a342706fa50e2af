"""What a guest reads, held against its description: right ones agree, and each property that is written
otherwise is found in the register where it shows."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from machdesc.library import Compiled
from machdesc.live.guest import start_guest
from machdesc.live.running import Running, read_running
from machdesc.live.view import View, read_view
from machdesc.verify.comparison import harmless_guest
from machdesc.verify.finding import Findings
from machdesc.verify.sight.comparison import compare_view
from machdesc.verify.sight.virtio import COMMON, FEATURES
from tests.live.conftest import binary_or_skip
from tests.live.sight import words
from tests.truth.observation import compiled

pytestmark = pytest.mark.live

RELEASES = ("7.2", "11.1")
"""10.0.13 shows other sizes of queues than are set (`machdesc.check.defect`)."""

GUEST = """machdesc 1
guest seen { uuid "6e3b8c8a-6c1f-4b7e-9d59-0c4f3f0b2a11" }
machine q35 @ 7.2 { hpet on  vmport on  x-oem-id "ACME" }
cpu qemu64 { cpus 2 }
memory 256MiB
smbios 1 { serial "S1" }
smbios 0 { vendor "V1"  date "01/01/2020" }
fw_cfg "opt/org.example/word" { string "abcdef" }
device VGA vga at pcie.0/01.0 { vgamem_mb 16 }
device pcie-root-port rp at pcie.0/02.0 { chassis 1  port 7  slot 3  multifunction on }
device pcie-root-port rp2 at pcie.0/02.1 { chassis 2 }
device isa-serial line { iobase 0x3f8  chardev nothing }
device isa-parallel printer { iobase 0x378  chardev nothing2 }
device pvpanic panic { ioport 0x505 }
device pci-bridge bridge at pcie.0/1d.0 { chassis_nr 5  multifunction on }
device virtio-net-pci net at pcie.0/04.0 {
  netdev lan  mac "52:54:00:12:34:56"  vectors 4  host_mtu 1400  rx_queue_size 512  bootindex 1
}
device virtio-blk-pci disk at pcie.0/05.0 { drive d  num-queues 3  queue-size 64  vectors 4  bootindex 2 }
device virtio-scsi-pci scsi at pcie.0/06.0 {
  num_queues 2  virtqueue_size 64  max_sectors 1000  cmd_per_lun 77
}
device virtio-serial-pci serial at pcie.0/07.0 { max_ports 9 }
device virtio-balloon-pci balloon at pcie.0/08.0 { iothread worker }
device virtio-gpu-pci gpu at pcie.0/09.0 { max_outputs 3 }
device intel-iommu watch
object iothread worker
host {
  accel tcg
  netdev user lan
  blockdev null-co d { size 1073741824 }
  chardev null nothing
  chardev null nothing2
}
"""

CHANGES = {
    "clock": ("hpet on", "hpet off", 2),
    "VMware's port": ("vmport on", "vmport off", 1),
    "name of the maker": ('"ACME"', '"BOCHS"', 1),
    "UUID": ("6e3b8c8a", "6e3b8c8b", 1),
    "processors": ("cpus 2", "cpus 4", 1),
    "memory": ("memory 256MiB", "memory 128MiB", 1),
    "text of SMBIOS": ('"S1"', '"S2"', 1),
    "another text of SMBIOS": ('vendor "V1"', 'vendor "V2"', 1),
    "date": ("01/01", "02/01", 1),
    "text of a file": ("abcdef", "abcdeg", 1),
    "machine type": ("@ 7.2", "@ 7.1", 9),
    "video memory": ("vgamem_mb 16", "vgamem_mb 32", 1),
    "port": ("port 7", "port 8", 1),
    "slot": ("slot 3", "slot 4", 1),
    "functions": ("5  multifunction on", "5  multifunction off", 1),
    "chassis": ("chassis_nr 5", "chassis_nr 6", 1),
    "serial port": ("0x3f8", "0x2f8", 1),
    "parallel port": ("0x378", "0x278", 1),
    "port of pvpanic": ("0x505", "0x506", 1),
    "MAC": ("34:56", "34:57", 1),
    "vectors": ("vectors 4  host", "vectors 5  host", 1),
    "MTU": ("1400", "1401", 1),
    "receive queue": ("rx_queue_size 512", "rx_queue_size 1024", 1),
    "queues": ("num-queues 3", "num-queues 2", 2),
    "queue": ("queue-size 64  vec", "queue-size 128  vec", 1),
    "boot order": ("  bootindex 2", "", 1),
    "queues of SCSI": ("num_queues 2", "num_queues 3", 3),
    "queue of SCSI": ("virtqueue_size 64", "virtqueue_size 128", 1),
    "sectors": ("1000", "1001", 1),
    "commands": ("77", "78", 1),
    "ports": ("max_ports 9", "max_ports 10", 1),
    "outputs": ("max_outputs 3", "max_outputs 2", 1),
}  # fmt: skip
"""What is written otherwise -> the words, those in their place, and in how many places the guest reads it."""

IDS = {
    "virtio-net-device": "net", "virtio-blk-device": "disk", "virtio-scsi-device": "scsi",
    "virtio-serial-device": "serial", "virtio-balloon-device": "balloon", "virtio-gpu-device": "gpu",
}  # fmt: skip
NOT_HERE = {
    ("7.2", "in_order"): "it came later",
    ("11.1", "emergency-write"): "it is gone, and always offered",
    ("7.2", "blob"): "needs udmabuf of the host",
    ("11.1", "blob"): "needs udmabuf of the host",
}


class Sight(NamedTuple):
    """A guest, and what is read of it."""

    running: Running
    view: View


def guest(text: str, release: str) -> Compiled:
    """A text compiled."""
    found = compiled(text, release)
    assert found is not None
    return found


def look(text: str, release: str) -> Sight:
    """Starts a guest and reads it."""
    command = words(binary_or_skip(release))
    with start_guest(command, harmless_guest(guest(text, release), "guest.md")) as process:
        return Sight(read_running(process.monitor), read_view(process))


def differences(text: str, release: str, sight: Sight) -> list[str]:
    """What a guest reads otherwise than a text says."""
    findings = Findings()
    compare_view(guest(text, release).guest, *sight, (), findings)
    assert {difference.code for difference in findings.differences} <= {"sight-differs"}
    return [difference.message for difference in findings.differences]


@pytest.fixture(scope="module", params=RELEASES)
def seen(request: pytest.FixtureRequest) -> tuple[str, Sight]:
    """A release, and what GUEST reads there."""
    return request.param, look(GUEST, request.param)


def test_a_right_description(seen: tuple[str, Sight]) -> None:
    release, sight = seen
    assert differences(GUEST, release, sight) == []


@pytest.mark.parametrize(("old", "new", "places"), CHANGES.values(), ids=CHANGES)
def test_a_wrong_description(old: str, new: str, places: int, seen: tuple[str, Sight]) -> None:
    release, sight = seen
    assert GUEST.count(old) == 1
    assert len(differences(GUEST.replace(old, new), release, sight)) == places


def _with(type: str, switches: dict[str, bool]) -> str:
    """GUEST with features of one device written, which is no transitional one: those lack the youngest."""
    block = "  ".join(f"{name} {'on' if is_on else 'off'}" for name, is_on in switches.items())
    start, place, end = re.split(rf"( {IDS[type]} at \S+)", GUEST)
    block_end = "" if end.startswith(" {") else "}"
    return f"{start}{place} {{ disable-legacy on  {block}  {block_end}{end.removeprefix(' {')}"


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("type", FEATURES)
def test_each_feature_shows_where_it_is_said_to(type: str, is_on: bool, release: str) -> None:
    names = [name for name in (*COMMON, *FEATURES[type]) if (release, name) not in NOT_HERE]
    switches = dict.fromkeys(names, is_on)
    sight = look(_with(type, switches), release)
    assert differences(_with(type, switches), release, sight) == []
    for name in names:
        told = differences(_with(type, {**switches, name: not is_on}), release, sight)
        assert [f"`{name}`" in message for message in told] == [True], name


MICROVM = """machdesc 1
guest small
machine microvm { acpi off }
memory 128MiB
fw_cfg "opt/org.example/word" { string "abcdef" }
device virtio-blk-device disk at virtio-mmio-bus.0 { drive d  num-queues 2  event_idx on }
device virtio-net-device net at virtio-mmio-bus.3 { netdev lan  mac "52:54:00:12:34:56" }
host {
  accel tcg
  netdev user lan
  blockdev null-co d { size 1073741824 }
}
"""


@pytest.mark.parametrize("release", ["7.2", "10.0", "11.1"])
def test_devices_that_are_mapped_into_memory(release: str) -> None:
    sight = look(MICROVM, release)
    assert differences(MICROVM, release, sight) == []
    for old, new, places in (
        ("queues 2", "queues 3", 2),
        ("event_idx on", "event_idx off", 1),
        (":56", ":57", 1),
    ):
        assert len(differences(MICROVM.replace(old, new), release, sight)) == places


YOUNG = """machdesc 1
guest young
machine q35 @ 9.2
memory 256MiB { slots 4  max 4GiB }
device virtio-mem-pci mem at pcie.0/04.0 {
  memdev m  block-size 4MiB  requested-size 8MiB  memaddr 0x180000000
}
device virtio-pmem-pci pmem at pcie.0/05.0 { memdev p  memaddr 0x1c0000000 }
device virtio-sound-pci sound at pcie.0/06.0 { audiodev a  streams 3  jacks 2 }
device virtio-blk-pci disk at pcie.0/07.0 { drive d  logical_block_size 4096  physical_block_size 4096 }
object memory-backend-ram m { size 256MiB }
object memory-backend-ram p { size 128MiB }
host {
  accel tcg
  audiodev none a
  blockdev null-co d { size 1073741824 }
}
"""

YOUNG_CHANGES = {
    "block": ("block-size 4MiB", "block-size 2MiB"),
    "requested": ("requested-size 8MiB", "requested-size 16MiB"),
    "place of memory": ("0x180000000", "0x190000000"),
    "place of a file": ("0x1c0000000", "0x1e0000000"),
    "streams": ("streams 3", "streams 4"),
    "jacks": ("jacks 2", "jacks 1"),
    "sector": ("logical_block_size 4096", "logical_block_size 512"),
}


def test_the_config_of_rarer_devices() -> None:
    sight = look(YOUNG, "11.1")
    assert differences(YOUNG, "11.1", sight) == []
    for old, new in YOUNG_CHANGES.values():
        assert len(differences(YOUNG.replace(old, new), "11.1", sight)) == 1, new


def test_a_device_that_is_not_there(seen: tuple[str, Sight]) -> None:
    release, sight = seen
    view = {key: value for key, value in sight.view.items() if key[:2] != ("pci", "00/04.0")}
    told = differences(GUEST, release, Sight(sight.running, view))
    assert told == ["net: it is at 04.0 of `pcie.0`; its place: nothing instead of a function"]


def test_a_table_that_is_not_there(seen: tuple[str, Sight]) -> None:
    release, sight = seen
    view = {key: value for key, value in sight.view.items() if key[:2] != ("acpi", "DMAR")}
    (told,) = differences(GUEST, release, Sight(sight.running, view))
    assert "DMAR" in told
