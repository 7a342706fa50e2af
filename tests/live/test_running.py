"""What is read of a running QEMU, held against what its command line says."""

from __future__ import annotations

import pytest

from machdesc.live.device_tree import parse_device_tree, walk_devices
from machdesc.live.monitor import Monitor
from machdesc.live.process import start
from machdesc.live.running import Running, read_running, unit_of
from tests.live.binary import RELEASES
from tests.live.conftest import binary_or_skip

ARGUMENTS = [
    "-machine",
    "q35",
    "-smp",
    "2,sockets=1",
    "-m",
    "256M,slots=2,maxmem=1G",
    "-nodefaults",
    "-device",
    "virtio-rng-pci,id=rng,addr=5.0",
    "-device",
    "pxb-pcie,id=pxb,bus_nr=32,addr=6.0",
    "-device",
    "pcie-root-port,id=above,bus=pxb,addr=1.0,chassis=3",
    "-device",
    "virtio-scsi-pci,id=scsi,bus=above",
    "-blockdev",
    "null-co,node-name=disk,size=1048576",
    "-device",
    "scsi-hd,id=hd,drive=disk,channel=0,scsi-id=2,lun=1",
    "-device",
    "qemu-xhci,id=xhci,bus=pcie.0,addr=7.0",
    "-device",
    "usb-mouse",
    "-device",
    "usb-mouse,port=3",
    "-device",
    "usb-mouse",
    "-device",
    "usb-kbd,id=kbd",
    "-object",
    "memory-backend-ram,id=stick,size=128M",
    "-device",
    "pc-dimm,id=dimm,memdev=stick",
]

GIVEN = [
    ("", "usb-mouse", "xhci.0", "1"),
    ("", "usb-mouse", "xhci.0", "3"),
    ("", "usb-mouse", "xhci.0", "2"),
    ("above", "pcie-root-port", "pxb", "01.0"),
    ("dimm", "pc-dimm", "", ""),
    ("hd", "scsi-hd", "scsi.0", "0:2:1"),
    ("kbd", "usb-kbd", "xhci.0", "4.1"),
    ("pxb", "pxb-pcie", "pcie.0", "06.0"),
    ("rng", "virtio-rng-pci", "pcie.0", "05.0"),
    ("scsi", "virtio-scsi-pci", "above", "00.0"),
    ("xhci", "qemu-xhci", "pcie.0", "07.0"),
]


@pytest.mark.live
@pytest.mark.parametrize("release", RELEASES)
def test_a_running_qemu_is_read(release: str) -> None:
    binary = binary_or_skip(release)
    with start(binary.command(binary.scratch()), ARGUMENTS) as process:
        running = read_running(process.monitor)
    assert running.release == release
    assert running.machine_type == f"pc-q35-{release}"
    given = [(d.id, d.type, d.bus_name, d.unit) for d in running.devices if d.given]
    assert given == GIVEN
    own = {f"{d.bus_name}/{d.unit}": d.type for d in running.devices if not d.given and d.unit}
    assert own.items() >= {"pcie.0/00.0": "mch", "pcie.0/1f.2": "ich9-ahci"}.items()
    assert own["xhci.0/4"] == "usb-hub"
    assert [cpu.type for cpu in running.cpus] == ["qemu64-x86_64-cpu"] * 2
    assert running.objects.keys() >= {"stick"}
    _check_parts(running)


BUSES = {
    "xhci": "-device qemu-xhci,id=x,p2=3,p3=3 -device usb-mouse -device usb-mouse,port=3 -device usb-mouse "
    "-device usb-tablet -device usb-kbd",
    "xhci, more of USB 3": "-device nec-usb-xhci,id=x,p2=2,p3=5 -device usb-mouse -device usb-tablet",
    "uhci": "-device piix3-usb-uhci,id=x -device usb-mouse -device usb-tablet -device usb-kbd",
    "ohci": "-device pci-ohci,id=x,num-ports=2 -device usb-mouse -device usb-tablet -device usb-kbd",
    "ehci with companions": "-device ich9-usb-ehci1,id=x -device ich9-usb-uhci1,masterbus=x.0,firstport=0 "
    "-device ich9-usb-uhci2,masterbus=x.0,firstport=2 -device ich9-usb-uhci3,masterbus=x.0,firstport=4 "
    + "-device usb-tablet "
    * 9,
    "a hub that was asked for": "-device piix3-usb-uhci,id=x -device usb-hub,id=h,port=2 -device usb-mouse "
    "-device usb-mouse,port=2.5 -device usb-mouse -device usb-mouse",
    "hubs behind hubs": "-device piix3-usb-uhci,id=x " + "-device usb-mouse " * 17,
    "two buses": "-device qemu-xhci,id=x -device qemu-xhci,id=y -device usb-mouse,bus=y.0 "
    "-device usb-mouse,bus=x.0 -device usb-kbd,bus=y.0",
    "of the machine": "-usb -device usb-tablet -device usb-kbd",
}
"""Command lines with USB devices."""


def shown_ports(monitor: Monitor) -> list[tuple[str, str, str]]:
    """Bus, type and port of all USB devices, as the monitor for people shows them."""
    return sorted(
        (bus.name, device.type, device.address)
        for bus, device in walk_devices(parse_device_tree(monitor.human("info qtree")))
        if bus.type == "usb-bus"
    )


@pytest.mark.live
@pytest.mark.parametrize("release", ["5.2", *RELEASES])
@pytest.mark.parametrize("line", BUSES.values(), ids=BUSES)
def test_ports_of_usb_devices(line: str, release: str) -> None:
    binary = binary_or_skip(release)
    with start(binary.command(binary.scratch()), ["-machine", "pc", *line.split()]) as process:
        found = read_running(process.monitor).devices
        shown = shown_ports(process.monitor)
    assert sorted((d.bus_name, d.type, d.unit) for d in found if d.bus_type == "usb-bus") == shown
    assert len(shown) >= 2


@pytest.mark.live
@pytest.mark.parametrize("release", RELEASES)
def test_ports_after_an_unplugging_are_unknown_or_right(release: str) -> None:
    binary = binary_or_skip(release)
    words = (
        "-machine pc -device qemu-xhci,id=x -device usb-mouse -device usb-mouse,id=gone -device usb-kbd,id=k"
    )
    with start(binary.command(binary.scratch()), words.split()) as process:
        process.monitor.ask("device_del", id="gone")
        for id, more in (("late", {}), ("asked", {"port": "2"})):
            process.monitor.ask("device_add", driver="usb-tablet", id=id, bus="x.0", **more)
        found = {d.id: d.unit for d in read_running(process.monitor).devices if d.bus_type == "usb-bus"}
        shown = shown_ports(process.monitor)
    assert [port for _, _, port in shown] == ["3", "1", "2", "4"]
    assert found == {"": "1", "k": "", "late": "", "asked": "2"}


def _check_parts(running: Running) -> None:
    rng = running.device("rng")
    assert rng is not None
    assert rng.parts.keys() == {"virtio-backend"}
    assert rng.properties["addr"].value == 5 << 3
    assert rng.parts["virtio-backend"]["type"].value == "virtio-rng-device"
    xhci = running.device("xhci")
    assert xhci is not None
    assert xhci.parts.keys() == {"xhci-core"}


def test_units() -> None:
    assert unit_of("PCIE", {"addr": 0x1F << 3 | 2}) == "1f.2"
    assert unit_of("PCI", {"addr": -1}) == ""
    assert unit_of("SCSI", {"channel": 0, "scsi-id": 3, "lun": 1}) == "0:3:1"
    assert unit_of("IDE", {"unit": 1}) == "1"
    assert unit_of("ISA", {"addr": 1}) == ""
