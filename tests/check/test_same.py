"""Changes that a guest does not see, and beside each the nearest one that it does."""

from __future__ import annotations

import pytest

from tests.check.change import changed, exchanged, told

TEXT = """machdesc 1
guest g
machine q35 @ 9.2
cpu host { cpus 2 }
memory 1GiB
numa node { nodeid 0  cpus [0] }
numa node { nodeid 1  cpus 1 }
object rng-random random
smbios 41 { designation "Onboard"  pcidev net0 }
device virtio-net-pci net0 at pcie.0/02.0 { netdev lan  bootindex 1 }
device e1000 net1 at pcie.0/03.0 { netdev wan  bootindex 3 }
device virtio-blk-pci disk0 at pcie.0/04.0 { drive d0 }
device vfio-pci gpu at pcie.0/05.0 { host "0000:01:00.0" }
device virtio-scsi-pci scsi0 at pcie.0/06.0
device scsi-hd disk1 at scsi0.0/0:0:0 { drive d1 }
device scsi-hd disk2 at scsi0.0/0:0:1 { drive d2 }
device virtio-crypto-pci crypto at pcie.0/07.0 { cryptodev c0 }
global virtio-net-device { mq on }
global virtio-net-pci { mq off }
host {
  accel kvm
  netdev tap lan { ifname "tap0"  script no }
  netdev tap wan { ifname "tap1"  script no }
  blockdev null-co d0
  blockdev null-co d1
  blockdev null-co d2
  object cryptodev-backend-builtin c0
  object tls-cipher-suites suites { priority "@SYSTEM" }
  object acpi-generic-initiator initiator { pci-dev net0  node 1 }
}
"""

SAME = [
    [("bootindex 1", "bootindex 2"), ("bootindex 3", "bootindex 4")],
    [("\nhost {", "\nrtc { base utc  clock host }\nhost {")],
    [("\nhost {", "\nboot { menu off  strict off }\nhost {")],
    [('"tap0"  script no', '"tap0"  script no  vhost off  queues 1')],
    [('"tap1"  script no', '"tap1"  script no  vhost on')],
    [("{ drive d0 }", "{ drive d0  discard_granularity 512 }")],
    [("\nhost {", "\nglobal isa-pit { iobase 0x40 }\nhost {")],
    [("net0", "net9")],
    [("object rng-random random\n", ""), ("\nhost {", "\nhost {\n  object rng-random random")],
    [("c0", "c9")],
    [("builtin c0", "builtin c0 { throttle-bps 1000 }")],
    [("suites {", "ciphers {")],
    [
        ("memory 1GiB\n", "memory 1GiB { backend pc.ram }\n"),
        ("\nhost {", "\nhost {\n  object memory-backend-memfd pc.ram { size 1GiB }"),
    ],
    [("cpus [0]", "cpus 0"), ("cpus 1 }", "cpus [1] }")],
]

OTHER = [
    ([("bootindex 1", "bootindex 4")], ["device-property net0"]),
    ([("bootindex 1", "")], ["device-property net0"]),
    ([("\nhost {", "\nrtc { base localtime }\nhost {")], ["clock rtc"]),
    ([("\nhost {", "\nboot { menu on }\nhost {")], ["boot-order boot"]),
    ([('"tap0"  script no', '"tap0"  script no  vhost on')], ["net-back-end net0"]),
    ([("{ drive d0 }", "{ drive d0  discard_granularity 4096 }")], ["device-property disk0"]),
    ([("pcidev net0", "pcidev net1")], ["smbios smbios 41"]),
    ([("object rng-random random\n", "")], ["object random"]),
    ([("builtin c0", "builtin c0 { queues 2 }")], ["object c0"]),
    ([("@SYSTEM", "NORMAL")], ["object suites"]),
    ([("  object acpi-generic-initiator initiator { pci-dev net0  node 1 }\n", "")], ["object initiator"]),
    ([("gpu at pcie.0/05.0 {", "gpu at pcie.0/05.0 { rombar 0 ")], ["device-property gpu"]),
    ([("accel kvm", "accel kvm { honor-guest-pat on }")], ["accelerator cpu"]),
    ([("accel kvm", "accel kvm\n  overcommit { cpu-pm on }")], ["cpu-feature cpu"]),
    (
        [
            (
                "global virtio-net-device { mq on }\nglobal virtio-net-pci { mq off }",
                "global virtio-net-pci { mq off }\nglobal virtio-net-device { mq on }",
            )
        ],
        [],
    ),
    (
        [
            (
                "global virtio-net-pci { mq off }",
                "global virtio-net-pci { mq off }\nglobal migration { x-events off }",
            )
        ],
        ["built-in-device machine"],
    ),
]


@pytest.mark.parametrize("changes", SAME)
def test_what_the_guest_does_not_see(changes: list[tuple[str, str]]) -> None:
    assert told(TEXT, changed(TEXT, *changes)) == []
    assert told(changed(TEXT, *changes), TEXT) == []


@pytest.mark.parametrize(("changes", "expected"), OTHER)
def test_what_it_sees(changes: list[tuple[str, str]], expected: list[str]) -> None:
    assert told(TEXT, changed(TEXT, *changes)) == expected


def test_the_last_of_two_globals_counts() -> None:
    text = """machdesc 1
guest g
machine q35 @ 9.2
device virtio-net-pci net0 at pcie.0/02.0
global virtio-net-pci { rombar 0 }
global pci-device { rombar 1 }
"""
    swapped = exchanged(text, "global virtio-net-pci", "global pci-device")
    assert told(text, swapped) == ["device-property net0"]


def test_the_machine_s_memory_and_kernel_can_be_said_in_two_places() -> None:
    text = """machdesc 1
guest g
machine q35 @ 9.2 { memory-backend m  kernel "vmlinuz" }
memory 1GiB
object memory-backend-ram m { size 1GiB }
"""
    other = """machdesc 1
guest g
machine q35 @ 9.2
memory 1GiB { backend m }
boot { kernel "vmlinuz" }
object memory-backend-ram m { size 1GiB }
"""
    assert told(text, other) == []
    assert told(text, changed(other, ("vmlinuz", "bzImage"))) == ["kernel boot?"]


def test_a_new_file_of_fw_cfg_is_more() -> None:
    from machdesc.check.compare import check_guests
    from tests.check.change import guest

    (finding,) = check_guests(guest(TEXT), guest(TEXT + 'fw_cfg "opt/a" { string "1" }\n'))
    assert finding.breaks == "cold"


def test_a_state_alone_knows_an_object_of_the_bus() -> None:
    from machdesc.check.compare import check_guests
    from tests.check.change import guest

    more = changed(TEXT, ("\nhost {", '\nhost {\n  object dbus-vmstate bus { addr "unix:path=/x" }'))
    (finding,) = check_guests(guest(TEXT), guest(more))
    assert finding.breaks == "live"
