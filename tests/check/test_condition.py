"""Properties that show only where something else is so, each with a change that shows and one that does not.

What is said of them was seen of real QEMU (tests/truth).
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

import machdesc
from machdesc.check.compare import check_guests
from machdesc.check.condition import CONDITIONS
from machdesc.resolve.guest import Guest

TEXT = """machdesc 1
guest g
machine q35 @ 10.0
memory 1GiB { slots 2  max 4GiB }
object memory-backend-ram m0 { size 64MiB }
object memory-backend-ram m1 { size 128MiB }
object memory-backend-ram m2 { size 64MiB }
device VGA video0 at pcie.0/01.0 { vgamem_mb 16 }
device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 }
device pcie-root-port rp2 at pcie.0/03.0 { chassis 2 }
device pcie-pci-bridge legacy at rp2/00.0
device pci-bridge below at legacy/01.0 { chassis_nr 9 }
device pcie-root-port rp3 at pcie.0/0a.0 { chassis 3 }
device virtio-net-pci net0 at rp1/00.0 { netdev lan }
device virtio-net-pci net1 at pcie.0/04.0 { netdev wan }
device virtio-blk-pci disk0 at pcie.0/05.0 { drive disk }
device e1000 net2 at legacy/02.0
device e1000e net3 at pcie.0/06.0
device nvme nvme0 at pcie.0/07.0 { serial "N1" }
device virtio-mem-pci @ 7.2 grow0 at pcie.0/08.0 { memdev m0 }
device virtio-tablet-pci tablet0 at pcie.0/09.0
device isa-serial serial0 { chardev console }
device virtio-rng-pci rng0 at pcie.0/0b.0 { rng random }
device virtio-mem-pci @ 7.2 grow1 at pcie.0/0c.0 { memdev m1 }
device nvme-subsys s0 { nqn "n" }
device nvme-subsys s1
device nvme nvme1 at pcie.0/0d.0 { serial "N2"  subsys s0 }
device ich9-usb-ehci1 ehci at pcie.0/1d.7 { multifunction on }
device ich9-usb-uhci1 uhci1 at pcie.0/1d.0 { multifunction on  masterbus ehci.0  firstport 0 }
device intel-iommu iommu0
host {
  netdev user lan
  netdev user wan
  blockdev null-co disk
  chardev null console
  object rng-random random
  object iothread io0
}
"""


def guest(text: str) -> Guest:
    description, diagnostics = machdesc.load_source(machdesc.source_of(text))
    assert description is not None, [d.message for d in diagnostics]
    resolved, more = machdesc.resolve_description(description, "11.1")
    assert not machdesc.has_errors([*diagnostics, *more]), [d.message for d in (*diagnostics, *more)]
    return resolved


def found(text: str, *changes: tuple[str, str]) -> list[str]:
    new = text
    for before, after in changes:
        assert before in new
        new = new.replace(before, after)
    return sorted({f"{f.name} {f.subject}" for f in check_guests(guest(text), guest(new))})


SAME = [
    ("VGA video0", "VGA @ 9.0 video0"),  # no PCI Express device, though on such a bus
    ("e1000 net2", "e1000 @ 9.0 net2"),
    ("vgamem_mb 16", "vgamem_mb 15"),
    ("netdev wan", "netdev wan  aer on"),  # on a root bus virtio has no PCI Express capability
    ("netdev wan", "netdev wan  ats on"),
    ("netdev wan", "netdev wan  hash-tcp4 off"),
    ("netdev wan", 'netdev wan  failover_pair_id "x"'),
    ("netdev lan }", "netdev lan  notify_on_empty off }"),  # modern behind a port
    ("netdev lan }", "netdev lan  any_layout off }"),
    ("drive disk", "drive disk  report-discard-granularity off"),
    ("memdev m0", "memdev m0  prealloc on"),
    ("tablet0 at pcie.0/09.0", "tablet0 at pcie.0/09.0 { head 2 }"),
    ("iommu0", "iommu0 { stale-tm on }"),
    (" ehci", " usb2"),
    ("chardev console }", "}"),  # the same registers, and a serial port has no line of the host's
    ("{ rng random }", ""),
    ("tablet0 at pcie.0/09.0", "tablet0 at pcie.0/09.0 { disable-modern on }"),  # it is modern in any case
    ("drive disk", "drive disk  iothread io0"),
    ("device e1000e net3 at pcie.0/06.0", "device e1000e net3 at pcie.0/06.0 { x-pcie-lnksta-dllla off }"),
    ("s0", "sub0"),
    ("console", "tty"),
    ("null-co disk", "null-co disk { size 1GiB }"),
    ("m0 { size 64MiB", "m0 { x-use-canonical-path-for-ramblock-id off  size 64MiB"),
]

OTHER = [
    ("e1000e net3", "e1000e @ 9.0 net3", "device-property net3"),
    ("vgamem_mb 16", "vgamem_mb 17", "device-property video0"),
    ("netdev lan }", "netdev lan  aer on }", "device-property net0"),
    ("netdev lan }", "netdev lan  ats on }", "device-property net0"),
    ("netdev wan", "netdev wan  rss on  hash-tcp4 off", "device-property net1"),
    ("netdev wan", "netdev wan  notify_on_empty off", "device-property net1"),
    ("drive disk", "drive disk  discard_granularity 4096", "device-property disk0"),
    ("m0 { size", "m0 { share on  size", "device-property grow0"),
    ("memory-backend-ram m0", "memory-backend-memfd m0", "device-property grow0"),
    ("subsys s0 }", "subsys s1 }", "device-property nvme1"),
    ("memdev m0", "memdev m2", "ram-block grow0"),
    ("netdev wan", "", "back-end net1"),
    ("netdev wan", "netdev wan  disable-modern on", "device-property net1"),
    ("m0 { size", "m0 { x-use-canonical-path-for-ramblock-id on  size", "ram-block m0"),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_what_does_not_show_is_no_difference(before: str, after: str) -> None:
    assert found(TEXT, (before, after)) == []


@pytest.mark.parametrize(("before", "after", "finding"), OTHER)
def test_what_shows_is_found(before: str, after: str, finding: str) -> None:
    assert found(TEXT, (before, after)) == [finding]


@pytest.mark.parametrize(
    ("setting", "change"),
    [
        (("netdev wan", "netdev wan  rss on"), ("netdev wan", "netdev wan  hash-tcp4 off")),
        (
            ("drive disk", "drive disk  discard_granularity 4096"),
            ("drive disk", "drive disk  report-discard-granularity off"),
        ),
        (("iommu0", "iommu0 { device-iotlb on }"), ("device-iotlb on", "device-iotlb on  stale-tm on")),
        (("netdev lan }", "netdev lan  ats on }"), ("ats on", "ats on  x-ats-page-aligned off")),
        (
            ("netdev wan", "netdev wan  failover on"),
            ("vgamem_mb 16", 'vgamem_mb 16  failover_pair_id "net1"'),
        ),
    ],
)
def test_it_shows_where_the_condition_holds(setting: tuple[str, str], change: tuple[str, str]) -> None:
    text = TEXT.replace(*setting)
    assert len(found(text, change)) == 1


def test_other_memory_behind_a_device_is_another_size_and_another_name() -> None:
    larger = TEXT.replace("m2 { size 64MiB", "m2 { size 128MiB")
    assert found(larger, ("memdev m0", "memdev m2")) == ["memory-size grow0", "ram-block grow0"]
    renamed = found(TEXT, ("m0 { size 64MiB", "m9 { size 32MiB"), ("memdev m0", "memdev m9"))
    assert renamed == ["memory-size grow0", "ram-block m0", "ram-block m9"]


def test_memory_of_a_numa_node_is_its_size_not_its_name() -> None:
    nodes = "numa node { memdev m1 }\nnuma node { memdev m2 }\n"
    text = TEXT.replace("memory 1GiB", "memory 192MiB").replace("device VGA", nodes + "device VGA")
    text = text.replace("device virtio-mem-pci @ 7.2 grow1 at pcie.0/0c.0 { memdev m1 }\n", "")
    assert found(text, (" m2", " m7")) == ["ram-block m2", "ram-block m7"]
    assert "memory-size numa node 1" in found(
        text, ("memdev m2", "memdev m1"), ("node { memdev m1 }\nnuma", "node { memdev m2 }\nnuma")
    )


def test_a_device_without_an_address_cannot_be_decided() -> None:
    findings = check_guests(guest(TEXT), guest(TEXT.replace("net3 at pcie.0/06.0", "net3 at pcie.0")))
    assert {(f.subject, f.undecided) for f in findings} == {("net3", True)}


def test_a_line_of_the_host_shows_through_a_serial_port() -> None:
    text = TEXT.replace("chardev null console", 'chardev serial console { path "/dev/ttyS0" }')
    assert found(text, ("chardev console }", "}")) == ["back-end serial0"]


def test_a_microvm_has_no_smbios() -> None:
    text = "machdesc 1\nguest g\nmachine microvm { acpi off }\nmemory 1GiB\n"
    assert found(text, ("memory", 'smbios 1 { serial "S" }\nmemory')) == []


def test_a_legacy_transport_in_memory_has_32_features() -> None:
    text = """machdesc 1
guest g
machine microvm { acpi off }
memory 1GiB
device virtio-rng-device rng0 at virtio-mmio-bus.0
"""
    change = "mmio-bus.0", "mmio-bus.0 { packed on }"
    assert found(text, change) == []
    assert found(f"{text}global virtio-mmio {{ force-legacy off }}\n", change) == ["device-property rng0"]


def test_only_the_order_among_the_bridges_of_one_bus_counts() -> None:
    first = "device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 }\n"
    second = "device pcie-root-port rp2 at pcie.0/03.0 { chassis 2 }\n"
    third = "device pci-bridge below at legacy/01.0 { chassis_nr 9 }\n"
    assert found(TEXT, (first + second, second + first)) == ["bridge-order bridges"]
    fourth = "device pcie-root-port rp3 at pcie.0/0a.0 { chassis 3 }\n"
    assert found(TEXT, (third + fourth, fourth + third)) == []


def test_a_machine_type_shows_its_name_unless_another_is_written() -> None:
    names = "".join(f'smbios {table} {{ version "v" }}\n' for table in (1, 3, 4))
    for text, breaks in ((TEXT, "cold"), (TEXT.replace("memory 1GiB", names + "memory 1GiB"), "live")):
        findings = check_guests(guest(text), guest(text.replace("@ 10.0", "@ 9.2")))
        assert [f.breaks for f in findings if f.name == "machine-type"] == [breaks]


def test_the_catalog_knows_what_is_for_pci_express() -> None:
    catalog = machdesc.load_catalog()
    for release in catalog.releases:
        assert catalog.is_express("e1000e", release)
        assert catalog.is_express("virtio-net-pci", release)
        assert not catalog.is_express("VGA", release)
        assert not catalog.is_express("e1000", release)
    assert catalog.is_express("VGA", "1.0"), "what no release tells is not denied"


@pytest.mark.parametrize(("owner", "pattern"), [row[:2] for row in CONDITIONS])
def test_a_condition_is_about_a_property_that_some_release_has(owner: str, pattern: str) -> None:
    catalog = machdesc.load_catalog()
    names = {
        name
        for type in map(catalog.device, catalog.names("device"))
        if type is not None
        for release in type.releases
        if any(fnmatchcase(own, owner) for own in (type.name, *type.parents(release)))
        for name in type.properties(release)
    }
    assert any(fnmatchcase(name, pattern) for name in names)
