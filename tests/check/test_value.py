"""Values: two that mean the same to QEMU are none apart, and texts are compared letter by letter."""

from __future__ import annotations

import pytest

from tests.check.change import changed, told

TEXT = """machdesc 1
guest g { uuid "abcdef00-1111-2222-3333-444455556666" }
machine q35 @ 9.2
device virtio-net-pci net0 at pcie.0/02.0 { mac "52:54:00:ab:cd:ef" }
device scsi-hd disk0 at scsi0.0/0:0:0 { drive d  serial "SERIAL" }
device virtio-scsi-pci scsi0 at pcie.0/03.0
device pcie-root-port rp1 at pcie.0/04.0 { chassis 1 }
device vfio-pci gpu at pcie.0/05.0 { host "0000:01:00.0" }
global scsi-disk-base { vendor "VENDOR" }
host { blockdev null-co d }
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [("0x10", "16"), ("on", "yes"), ("1_0", "10"), (" 7", "7"), ("+5", "5"), ("a", "A"), ("007", "7")],
)
@pytest.mark.parametrize("word", ["SERIAL", "VENDOR"])
def test_texts_are_exact(word: str, one: str, other: str) -> None:
    found = told(changed(TEXT, (word, one)), changed(TEXT, (word, other)))
    assert found == ["device-property disk0"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("52:54:00:ab:cd:ef", "52:54:00:AB:CD:EF"),
        ("52:54:00:ab:cd:ef", "52-54-00-ab-cd-ef"),
        ("abcdef00", "ABCDEF00"),
        ("0000:01:00.0", "01:00.0"),
        ("chassis 1", "chassis 0x1"),
    ],
)
def test_numbers_are_the_same_however_they_are_written(before: str, after: str) -> None:
    assert told(TEXT, changed(TEXT, (before, after))) == []


def test_a_value_is_shown_as_it_is() -> None:
    from machdesc.check.compare import check_guests
    from tests.check.change import guest

    slow = changed(TEXT, ("chassis 1", "chassis 1  x-speed 2_5"))
    (finding,) = check_guests(guest(TEXT), guest(slow))
    assert (finding.old, finding.new) == ("16", "2_5")
