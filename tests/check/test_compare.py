"""Two guests compared: each change of one text, and what it breaks at most."""

from __future__ import annotations

from pathlib import Path

import pytest

import machdesc
from machdesc.check.compare import check_guests
from machdesc.check.finding import Finding
from machdesc.resolve.guest import Guest

TEXT = """machdesc 1
guest web01 { uuid "12345678-1234-1234-1234-123456789abc" }
machine q35 @ 9.2 { smm on }
cpu Skylake-Server @ v5 { cpus 4 sockets 1 cores 4 threads 1 }
memory 8GiB
device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 port 0x10 }
device pcie-root-port rp2 at pcie.0/03.0 { chassis 2 port 0x11 }
device virtio-net-pci net0 at rp1/00.0 { mac "52:54:00:5e:00:01" netdev lan }
device virtio-blk-pci d0 at rp2/00.0 { drive disk }
device usb-tablet tablet at usb.0/1
device qemu-xhci usb at pcie.0/04.0
host {
  accel tcg
  netdev user lan
  blockdev null-co disk { size 1GiB }
}
"""

SAME = [
    ("netdev lan }", "netdev lan mq off }"),
    ("netdev lan }", "netdev lan ioeventfd off }"),
    ("virtio-net-pci net0", "virtio-net-pci eth0"),
    ("rp1", "root1"),
    ("virtio-net-pci net0", "virtio-net-pci @ 9.2 net0"),
    ("lan", "wan"),
    ("disk", "system"),
    ("port 0x10", "port 16"),
    ("pcie.0/02.0", "pcie.0/2"),
    (" smm on ", " smm on  mem-merge off "),
]

BROKEN = [
    ("00:01", "00:02", "device-property", "additive"),
    ("netdev lan }", "netdev lan mq on }", "device-property", "additive"),
    ("netdev lan }", 'netdev lan romfile "" }', "device-property", "additive"),
    ("netdev lan }", "netdev lan host_mtu 1500 }", "device-property", "additive"),
    ("pcie.0/02.0", "pcie.0/05.0", "pci-address", "additive"),
    ("usb.0/1", "usb.0/2", "usb-address", "additive"),
    ("q35 @ 9.2", "q35 @ 9.1", "machine-type", "cold"),
    ("smm on", "smm off", "machine-property", "additive"),
    ("@ v5", "@ v4", "cpu-model", "additive"),
    ("cpus 4 sockets 1 cores 4", "cpus 2 sockets 1 cores 2", "cpu-topology", "additive"),
    ("memory 8GiB", "memory 4GiB", "memory-size", "additive"),
    ("memory 8GiB", "memory 8GiB { slots 2 max 16GiB }", "memory-slots", "additive"),
    ("size 1GiB", "size 2GiB", "disk", "additive"),
    ("123456789abc", "123456789abd", "uuid", "additive"),
    ("device usb-tablet tablet at usb.0/1\n", "", "device-removed", "additive"),
    ("host {", "device virtio-rng-pci rng at pcie.0/09.0\nhost {", "device-added", "cold"),
    ("virtio-blk-pci d0 at rp2/00.0 {", "nvme d0 at rp2/00.0 { serial 1 ", "device-type", "additive"),
    ("host {", 'global virtio-net-pci { romfile "" }\nhost {', "device-property", "additive"),
    ("host {", 'smbios 1 { serial "1" }\nhost {', "smbios", "additive"),
    ("host {", 'fw_cfg "opt/a" { string "1" }\nhost {', "fw-cfg", "cold"),
    ("host {", 'boot { order "d" }\nhost {', "boot-order", "additive"),
    ("host {", "rtc { base localtime }\nhost {", "clock", "cold"),
    (" at pcie.0/02.0", "", "pci-address", "additive"),
]

UNDECIDED = [
    ("netdev user lan", 'netdev tap lan { ifname "tap0" script no }', "net-back-end"),
    ("accel tcg", "accel kvm", "accelerator"),
    ("accel tcg", 'accel tcg  arguments ["-d", "int"]', "arguments"),
    ("threads 1", "threads 1 pcid on", "cpu-feature"),
]


def guest(folder: Path, text: str, release: str = "10.0") -> Guest:
    """The guest of a text, which has no errors."""
    path = folder / f"{len(list(folder.iterdir()))}.md"
    path.write_text(text, encoding="utf-8")
    description, diagnostics = machdesc.load(str(path))
    assert description is not None
    found, more = machdesc.resolve_description(description, release)
    assert not machdesc.has_errors([*diagnostics, *more])
    return found


def changed(folder: Path, old: str, new: str) -> list[Finding]:
    """What `check` finds when a part of the text becomes another."""
    assert old in TEXT
    return check_guests(guest(folder, TEXT), guest(folder, TEXT.replace(old, new)))


@pytest.mark.parametrize(("old", "new"), SAME)
def test_what_the_guest_cannot_see_is_no_finding(tmp_path: Path, old: str, new: str) -> None:
    assert not changed(tmp_path, old, new)


@pytest.mark.parametrize(("old", "new", "rule", "breaks"), BROKEN)
def test_what_the_guest_sees_is_found_and_named(
    tmp_path: Path, old: str, new: str, rule: str, breaks: str
) -> None:
    found = changed(tmp_path, old, new)
    assert (rule, breaks) in [(finding.name, finding.breaks) for finding in found]


@pytest.mark.parametrize(("old", "new", "rule"), UNDECIDED)
def test_what_cannot_be_known_is_undecided(tmp_path: Path, old: str, new: str, rule: str) -> None:
    assert rule in [finding.name for finding in changed(tmp_path, old, new) if finding.undecided]


def test_a_description_is_the_same_as_itself_in_another_order(tmp_path: Path) -> None:
    lines = TEXT.splitlines(keepends=True)
    devices = [n for n, line in enumerate(lines) if line.startswith("device ") and "root-port" not in line]
    moved = list(lines)
    for here, there in zip(devices, reversed(devices), strict=True):
        moved[here] = lines[there]
    assert moved != lines
    assert not check_guests(guest(tmp_path, TEXT), guest(tmp_path, "".join(moved)))


TWO_BLOCKS = TEXT.replace("smm on", "smm on  memory-backend one").replace(
    "host {",
    "object memory-backend-ram one { size 8GiB }\nobject memory-backend-ram two { size 8GiB }\nhost {",
)


def test_another_ram_block_keeps_a_state_from_loading_and_is_not_seen(tmp_path: Path) -> None:
    found = check_guests(
        guest(tmp_path, TWO_BLOCKS),
        guest(tmp_path, TWO_BLOCKS.replace("memory-backend one", "memory-backend two")),
    )
    assert [(finding.name, finding.breaks) for finding in found] == [("ram-block", "live")]


def test_graphics_is_told_to_the_firmware(tmp_path: Path) -> None:
    found = changed(tmp_path, "smm on", "smm on  graphics off")
    assert [(finding.name, finding.breaks) for finding in found] == [("machine-property", "additive")]


MEMORY = """machdesc 1
guest web01
machine q35 @ 9.2 { nvdimm on }
cpu Skylake-Server @ v5 { cpus 4 sockets 1 cores 4 threads 1 }
memory 8GiB { slots 4 max 32GiB }
object memory-backend-ram m1 { size 1GiB }
object memory-backend-ram m2 { size 1GiB }
device virtio-mem-pci a at pcie.0/02.0 { memdev m1 }
device virtio-mem-pci b at pcie.0/03.0 { memdev m2 }
host { accel tcg }
"""


def test_memory_devices_without_an_address_keep_their_order(tmp_path: Path) -> None:
    lines = MEMORY.splitlines(keepends=True)
    swapped = "".join([*lines[:7], lines[8], lines[7], *lines[9:]])
    found = check_guests(guest(tmp_path, MEMORY), guest(tmp_path, swapped))
    assert {finding.name for finding in found} == {"no-address"}


def test_express_properties_mean_nothing_on_a_conventional_bus(tmp_path: Path) -> None:
    text = "machdesc 1\nguest a\nmachine pc @ 9.2\ndevice VGA v at pci.0/02.0\nhost { accel tcg }\n"
    assert not check_guests(guest(tmp_path, text), guest(tmp_path, text.replace("VGA v", "VGA @ 9.1 v")))


def test_a_saved_state_of_virtio_does_not_go_from_10_0_to_11_1_but_back(tmp_path: Path) -> None:
    found = check_guests(guest(tmp_path, TEXT, "10.0"), guest(tmp_path, TEXT, "11.1"))
    assert [(finding.name, finding.breaks) for finding in found if not finding.undecided] == [
        ("release", "live"),
        ("release", "additive"),
    ]
    back = check_guests(guest(tmp_path, TEXT, "11.1"), guest(tmp_path, TEXT, "10.0"))
    assert [finding.breaks for finding in back if not finding.undecided] == ["additive"]
