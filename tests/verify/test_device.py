"""Devices of a description against those that a QEMU tells of."""

from __future__ import annotations

import pytest

from machdesc.live.running import RunningDevice
from machdesc.verify.device import compare_devices, pair_devices
from machdesc.verify.finding import Findings
from tests.verify.stand_in import device, guest_of, running

GUEST = """machine pc @ 7.2
memory 128MiB
{devices}
host {{ accel tcg  blockdev null-co one {{ size 1MiB }}  blockdev null-co two {{ size 1MiB }} }}"""

RNG = "device virtio-rng-pci rng at pci.0/04.0"
SCSI = """device virtio-scsi-pci scsi0 at pci.0/05.0
device scsi-hd disk0 at scsi0.0/0:0:0 { drive one }
device scsi-hd disk1 at scsi0.0/0:0:1 { drive two }"""


def findings_of(text: str, *devices: RunningDevice) -> Findings:
    """What is told of a guest with these devices."""
    findings = Findings()
    compare_devices(guest_of(GUEST.format(devices=text)), running(*devices), frozenset(), findings)
    return findings


def codes(text: str, *devices: RunningDevice) -> list[str]:
    """The codes of the differences, but for back ends that nobody uses."""
    return [difference.code for difference in findings_of(text, *devices).differences]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([device("virtio-rng-pci", "pci.0/04.0", "rng")], []),
        ([device("virtio-rng-pci", "pci.0/04.0")], []),
        ([device("virtio-rng-pci", "pci.0/04.0", given=False)], []),
        ([device("virtio-rng-pci", "pci.0/05.0")], ["address-differs"]),
        ([device("virtio-rng-pci", "pci.0/05.0", "rng")], ["address-differs"]),
        ([device("virtio-rng-pci", "pci.0/04.0", "other")], ["device-missing", "device-unexpected"]),
        ([device("virtio-balloon-pci", "pci.0/04.0", "rng")], ["type-differs"]),
        ([], ["device-missing"]),
        (
            [device("virtio-rng-pci", "pci.0/05.0"), device("virtio-rng-pci", "pci.0/04.0")],
            ["device-unexpected"],
        ),
    ],
)
def test_which_device_is_meant(found: list[RunningDevice], expected: list[str]) -> None:
    assert codes(RNG, *found) == expected


def test_what_a_bare_command_line_brings_is_told_unless_it_is_described() -> None:
    vga = device("VGA", "pci.0/02.0", given=False)
    assert codes("device VGA vga at pci.0/02.0", vga) == []
    assert codes("", vga) == ["device-unexpected"]
    assert codes("", device("PIIX4_PM", "pci.0/01.3", given=False)) == []


def test_a_device_of_the_machine_stands_in_for_no_other() -> None:
    own = device("PIIX4_PM", "pci.0/01.3", given=False)
    ide = device("piix3-ide", "pci.0/01.1", given=False)
    assert codes("device piix3-ide more at pci.0/07.0", own, ide) == ["device-missing"]


def test_buses_of_a_controller_that_had_no_id_have_other_names() -> None:
    scsi = device("virtio-scsi-pci", "pci.0/05.0")
    disks = [device("scsi-hd", f"scsi.0/0:0:{lun}", above=scsi.path) for lun in (1, 0)]
    assert codes(SCSI, *disks, scsi) == []
    elsewhere = device("scsi-hd", "scsi.0/0:0:2", above=scsi.path)
    assert codes(SCSI, disks[1], elsewhere, scsi) == ["address-differs"]
    named = device("virtio-scsi-pci", "pci.0/05.0", "scsi0")
    assert codes(SCSI, *disks, named) == ["address-differs"] * 2


def test_devices_that_only_their_order_tells_apart() -> None:
    text = "device virtio-rng-pci\ndevice virtio-rng-pci"
    found = [device("virtio-rng-pci", f"pci.0/0{slot}.0") for slot in (5, 6)]
    guest = guest_of(GUEST.format(devices=text))
    pairs = pair_devices(guest, running(*found))
    assert [pair.found for pair in pairs] == found


def test_a_value_and_where_it_is_written() -> None:
    text = "device virtio-rng-pci rng at pci.0/04.0 { period 1000 }"
    findings = findings_of(text, device("virtio-rng-pci", "pci.0/04.0", "rng", values={"period": 2000}))
    assert [difference.code for difference in findings.differences] == ["value-differs"]
    assert "`period` is 1000 (on the device), and QEMU shows 2000" in findings.differences[0].message


@pytest.mark.parametrize(("shown", "expected"), [("one", []), ("two", ["value-differs"]), ("ide0-cd0", [])])
def test_names_of_back_ends(shown: str, expected: list[str]) -> None:
    text = "device ide-hd disk at ide.0/0 { drive one }"
    findings = findings_of(text, device("ide-hd", "ide.0/0", "disk", values={"drive": shown}))
    assert [difference.code for difference in findings.differences] == expected
    assert any("ide0-cd0" in line for line in findings.passed) == (shown == "ide0-cd0")
