"""Chains of block nodes and drives: what of a change behind a disk, or behind firmware, shows."""

from __future__ import annotations

import pytest

from tests.check.change import changed, told

TEXT = """machdesc 1
guest g
machine q35 @ 9.2 { pflash0 code  pflash1 vars }
memory 1GiB
device virtio-scsi-pci scsi0 at pcie.0/02.0
device virtio-blk-pci disk0 at pcie.0/03.0 { drive d0 }
device scsi-hd disk1 at scsi0.0/0:0:1 { drive d1 }
device scsi-hd disk2 at scsi0.0/0:0:2 { drive d2  serial "S" }
device qemu-xhci usb at pcie.0/04.0
device usb-storage stick at usb.0/1 { drive d3 }
device ide-cd cd0 at ide.0/0
device ide-cd cd1 at ide.1/0 { drive d4 }
device virtio-blk-pci disk5 at pcie.0/05.0 { drive d5 }
device virtio-blk-pci disk6 at pcie.0/06.0 { drive d6  write-cache off }
host {
  blockdev file st0 { filename "CODE.fd" }
  blockdev raw code { file st0  read-only on }
  blockdev raw vars { file { driver file  filename "VARS.fd" } }
  blockdev null-co n0 { size 1GiB }
  blockdev raw d0 { file n0 }
  drive d1 { if none  file "a.raw"  format raw }
  drive d2 { if none  file "b.raw"  format raw }
  drive d3 { if none  file "c.raw"  format raw }
  drive d4 { if none  file "d.iso"  format raw  media cdrom }
  blockdev raw d5 { file { driver file  filename "e.raw" } }
  drive d6 { if none  file "f.raw"  format raw }
  drive d7 { if ide  index 2  file "g.raw"  format raw }
  drive d8 { if virtio  file "h.raw"  format raw }
}
"""

SAME = [
    (("st0", "st1"),),
    (("n0", "n1"),),
    (
        ("raw d0 { file n0 }", "throttle d0 { throttle-group g  file n0 }"),
        ("host {", "host {\n  object throttle-group g"),
    ),
    (("raw d0 { file n0 }", "raw d0 { size 1GiB  file n0 }"),),
    (("raw d0 { file n0 }", "raw d0 { file { driver null-co  size 1GiB } }"),),
    (("raw d0 { file n0 }", "raw d0 { file.driver null-co  file.size 1GiB }"),),
    (("raw vars { file { driver file", "raw vars { file { cache { direct on }  driver file"),),
    (("b.raw", "other.raw"),),
    (("d2", "d9"),),
    (
        ("cd0 at ide.0/0", "cd0 at ide.0/0 { drive d9 }"),
        ("host {", "host {\n  drive d9 { if none  media cdrom }"),
    ),
    (
        (
            'drive d4 { if none  file "d.iso"  format raw  media cdrom }',
            'blockdev file d4 { filename "d.iso"  read-only on }',
        ),
    ),
    (('file { driver file  filename "e.raw" }', 'file { driver host_device  filename "/dev/x" }'),),
    (('"f.raw"', '"f.raw"  cache writethrough'),),
    (('"b.raw"', '"b.raw"  cache none'),),
    (("drive d5", "drive d5  write-cache on"),),
    (("d7", "d9"),),
    (("g.raw", "other.raw"),),
]

OTHER = [
    ([("CODE.fd", "OTHER.fd")], ["firmware machine?"]),
    ([("CODE.fd", "X.fd"), ("VARS.fd", "CODE.fd"), ("X.fd", "VARS.fd")], ["firmware machine?"]),
    ([("file st0  read-only on", "file st0")], ["firmware machine"]),
    ([("file st0  read", "file st0  offset 4096  read")], ["firmware machine?"]),
    ([("n0 { size 1GiB", "n0 { size 2GiB")], ["disk disk0"]),
    ([("file n0 }", "file n0  size 512MiB }")], ["disk disk0"]),
    ([("raw d5", "qcow2 d5")], ["disk disk5?"]),
    ([("raw d5 {", "raw d5 { offset 512 ")], ["disk disk5?"]),
    ([('driver file  filename "e.raw"', 'driver nvme  device "0000:01:00.0"  namespace 1')], ["disk disk5?"]),
    ([('"a.raw"', '"a.raw"  cache writethrough')], ["device-property disk1"]),
    ([('"a.raw"', '"a.raw"  cache.writeback off')], ["device-property disk1"]),
    ([("d1", "d9")], ["device-property disk1"]),
    (
        [('drive d1 { if none  file "a.raw"  format raw }', 'blockdev file d1 { filename "a.raw" }')],
        ["device-property disk1"],
    ),
    ([("d3", "d9")], ["device-property stick"]),
    ([("{ drive d2", "{ drive d2  write-cache off")], ["device-property disk2"]),
    ([('"b.raw"  format raw', '"b.raw"  format raw  media cdrom')], ["disk disk2"]),
    ([("index 2", "index 3")], ["device-added drive d7", "device-removed drive d7"]),
    ([("if ide  index 2", "if none")], ["device-removed drive d7"]),
    ([("index 2", "index 2  media cdrom")], ["device-type drive d7"]),
    ([('"h.raw"', '"h.raw"  cache writethrough')], ["disk drive d8"]),
    ([("  drive d8", '  drive d9 { file "i.raw" }\n  drive d8')], ["device-added drive d9"]),
    (
        [("  drive d8", '  drive d9 { if virtio  file "i.raw"  readonly on }\n  drive d8')],
        ["device-added drive d8", "disk drive d9"],
    ),
]


@pytest.mark.parametrize("changes", SAME)
def test_what_only_the_host_sees_is_no_difference(changes: tuple[tuple[str, str], ...]) -> None:
    assert told(TEXT, changed(TEXT, *changes)) == []


@pytest.mark.parametrize(("changes", "expected"), OTHER)
def test_what_shows_is_found(changes: list[tuple[str, str]], expected: list[str]) -> None:
    new = changed(TEXT, *changes)
    assert told(TEXT, new) == expected
    assert told(new, TEXT)


def test_firmware_in_a_drive_is_as_one_that_the_machine_names() -> None:
    text = """machdesc 1
guest g
machine q35 @ 9.2
host {
  drive code { if pflash  file "CODE.fd"  format raw  readonly on }
  drive vars { if pflash  file "VARS.fd"  format raw }
}
"""
    assert told(text, changed(text, ("VARS", "OTHER"))) == ["firmware machine?"]
    assert told(text, changed(text, ('file "VARS', 'unit 1  file "VARS'))) == []
    node = 'blockdev file vars { filename "VARS.fd" }'
    drive = 'drive vars { if pflash  file "VARS.fd"  format raw }'
    assert told(text, changed(text, (drive, node), ("@ 9.2", "@ 9.2 { pflash1 vars }"))) == []
    assert told(text, changed(text, (f"  {drive}\n", ""))) == ["firmware machine"]


def test_nodes_that_go_round_are_borne() -> None:
    text = changed(TEXT, ("null-co n0 { size 1GiB }", "raw n0 { file d0 }"))
    assert told(text, changed(text, ("raw n0", "qcow2 n0")))
