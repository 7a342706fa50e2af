"""What QEMU decides by the order of devices: each change of one text, and what is found of it.

The changes were tried in QEMU 11.1.3, as was that nothing differs where nothing is found.
"""

from __future__ import annotations

import pytest

from tests.check.change import changed, exchanged, told

TEXT = """machdesc 1
guest g
machine q35 @ 7.0
memory 1GiB { slots 4  max 4GiB }
object memory-backend-ram m0 { size 64MiB }
object memory-backend-ram m1 { size 64MiB }
device intel-hda sound at pcie.0/02.0
device hda-duplex speaker at sound.0/0 { audiodev none }
device hda-micro phones at sound.0/1 { audiodev none }
device isa-serial log { index 0  chardev a }
device isa-serial shell { index 1  chardev b }
device VGA left at pcie.0/03.0
device VGA right at pcie.0/04.0
device ahci sata0 at pcie.0/05.0
device ahci sata1 at pcie.0/06.0
device ide-cd cd0 at sata0.0/0
device ide-cd cd1 at sata1.0/0
device e1000 net0 at pcie.0/07.0 { netdev lan }
device e1000 net1 at pcie.0/08.0 { netdev wan }
device nvme-subsys group { nqn "n" }
device nvme nvme0 at pcie.0/09.0 { serial "1"  subsys group }
device nvme-ns space0 at nvme0/1 { drive d0 }
device nvme-ns space1 at nvme0/2 { drive d1 }
device pc-dimm dimm0 { memdev m0  addr 0x100000000 }
device pc-dimm dimm1 { memdev m1  addr 0x110000000 }
device ipmi-bmc-sim bmc0
device ipmi-bmc-sim bmc1
device isa-ipmi-kcs kcs { bmc bmc0 }
device isa-ipmi-bt bt { bmc bmc1 }
device virtio-scsi-pci scsi0 at pcie.0/0a.0
device virtio-scsi-pci scsi1 at pcie.0/0b.0
device scsi-cd cd2
host {
  audiodev none none
  chardev null a
  chardev null b
  blockdev null-co d0
  blockdev null-co d1
  netdev user lan
  netdev user wan
  netdev user spare
}
"""


EXCHANGED = [
    (" speaker", " phones", ["section-order sections"]),
    (" log", " shell", ["acpi-order devices on ISA", "section-order sections"]),
    (" left", " right", ["display-order displays"]),
    (" sata0 at", " sata1 at", ["device-property cd0", "device-property cd1"]),
    (" cd0", " cd1", []),
    (" net0", " net1", ["device-property net0", "device-property net1"]),
    (" space0", " space1", ["device-property space0", "device-property space1", "section-order sections"]),
    (" dimm0", " dimm1", ["device-property dimm0", "device-property dimm1"]),
    ("sim bmc0", "sim bmc1", ["section-order sections"]),
    (" scsi0 at", " scsi1 at", ["no-address cd2?"]),
    ("user lan", "user wan", ["section-order sections"]),
    ("user wan", "user spare", ["section-order sections"]),
    ("null a", "null b", []),
    (" kcs", " net1", []),
]


@pytest.mark.parametrize(("first", "second", "expected"), EXCHANGED)
def test_two_in_each_other_s_place(first: str, second: str, expected: list[str]) -> None:
    assert told(TEXT, exchanged(TEXT, first, second)) == expected


CHANGED = [
    ("device VGA left", "device cirrus-vga more at pcie.0/10.0\ndevice VGA left", ["device-added more"]),
    (
        *("device ahci sata0", "device cirrus-vga more at pcie.0/10.0\ndevice ahci sata0"),
        ["device-added more", "display-order displays"],
    ),
    (
        *("device e1000 net0", "device e1000 more at pcie.0/10.0\ndevice e1000 net0"),
        ["device-added more", "device-property net0", "device-property net1"],
    ),
    (
        *("device ahci sata0", "device ahci more at pcie.0/10.0\ndevice ahci sata0"),
        ["device-added more", "device-property cd0", "device-property cd1"],
    ),
    (
        *("device scsi-cd cd2", "device lsi53c895a more at pcie.0/10.0\ndevice scsi-cd cd2"),
        ["device-added more", "no-address cd2?"],
    ),
    ("host {", "device lsi53c895a more at pcie.0/10.0\nhost {", ["device-added more"]),
    ("  netdev user spare\n", "", ["section-order sections"]),
    ("  netdev user spare\n", "  netdev user spare\n  netdev user more\n", []),
    ("netdev user lan", "netdev user more\n  netdev user lan", ["section-order sections"]),
    ("netdev lan", "netdev spare", ["section-order sections"]),
    ("device isa-serial shell { index 1  ", "device isa-serial shell { ", []),
]


@pytest.mark.parametrize(("before", "after", "expected"), CHANGED)
def test_one_more_or_less(before: str, after: str, expected: list[str]) -> None:
    assert told(TEXT, changed(TEXT, (before, after))) == expected


def test_ids_of_equal_devices_are_the_host_s() -> None:
    ids = [("sata0", "sata2"), ("sata1", "sata0"), ("sata2", "sata1")]
    assert told(TEXT, changed(TEXT, *ids)) == []
    nics = """machdesc 1
guest g
machine q35 @ 9.2
device virtio-net-pci a at pcie.0/02.0 { mac "52:54:00:00:00:01" }
device virtio-net-pci b at pcie.0/03.0 { mac "52:54:00:00:00:02" }
"""
    assert told(nics, changed(nics, ("pci a", "pci c"), ("pci b", "pci a"), ("pci c", "pci b"))) == []
    places = [("02.0", "04.0"), ("03.0", "02.0"), ("04.0", "03.0")]
    assert told(nics, changed(nics, *places)) == ["pci-address a", "pci-address b"]


def test_a_release_without_layouts_numbers_each_type() -> None:
    text = """machdesc 1
guest g
machine pc @ 5.2
device isa-serial a { index 0 }
device isa-serial b { index 1 }
"""
    assert told(text, exchanged(text, "serial a", "serial b"), "5.2") == [
        "acpi-order devices on ISA",
        "section-order sections",
    ]


def test_a_subsystem_is_called_by_its_id() -> None:
    text = """machdesc 1
guest g
machine q35 @ 9.2
device nvme-subsys a
device nvme n at pcie.0/02.0 { serial "1"  subsys a }
"""
    assert told(text, changed(text, ("subsys a", "subsys b"))) == ["device-property b"]
