"""Compat hints on real QEMUs: a guest of QEMU 7.2 under 11.1 and its newest machine type, as it was."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import machdesc
from machdesc.cli.main import main
from machdesc.hints.hint import DeviceHint, Hints, parse_hints
from machdesc.library import Compiled
from machdesc.live.dump import take_hints
from machdesc.live.guest import start_guest, view_guest
from machdesc.live.running import read_running
from machdesc.live.sandbox.sandbox import replace_back_ends
from machdesc.live.view import Difference, View, differences, read_view
from machdesc.verify.comparison import harmless_guest
from tests.live.binary import RELEASES
from tests.live.conftest import COMPILE_ONLY, binary_or_skip
from tests.live.description import Example, examples
from tests.live.sight import words

pytestmark = pytest.mark.live

BARE = """machdesc 1
guest bare
machine pc @ 11.1
cpu qemu64 @ v1 { cpus 1  maxcpus 1 }
memory 512MiB
device VGA vga at pci.0/02.0
device e1000 net at pci.0/03.0 { netdev lan  mac "52:54:00:12:34:56" }
device isa-serial com1 { chardev serial }
device isa-parallel lpt1 { chardev parallel }
device floppy fd at floppy-bus.0/0
device ide-cd cd at ide.1/0
host {
  accel tcg
  netdev user lan
  chardev null serial
  chardev null parallel
}
"""
"""What `-M pc -m 512` means, by a newer machine type."""

VIRTIO = """machdesc 1
guest zoo
machine q35 @ 11.1
cpu Skylake-Server @ v4 { cpus 4  maxcpus 4  sockets 4 }
memory 512MiB
device virtio-net-pci net at pcie.0/02.0 { netdev lan  mac "52:54:00:12:34:56" }
device virtio-blk-pci disk at pcie.0/03.0 { drive root }
device virtio-scsi-pci scsi at pcie.0/04.0
device virtio-rng-pci rng at pcie.0/05.0
device virtio-balloon-pci balloon at pcie.0/06.0
device virtio-serial-pci serial at pcie.0/07.0
device virtio-gpu-pci gpu at pcie.0/08.0
device e1000e wired at pcie.0/09.0 { netdev lan2  mac "52:54:00:12:34:57" }
device qemu-xhci usb at pcie.0/0a.0
device pcie-root-port port1 at pcie.0/0b.0 { chassis 1 }
host {
  accel tcg
  netdev user lan
  netdev user lan2
  blockdev null-co root { size 1073741824 }
}
"""

VIRTIO_WORDS = (
    "-M q35 -nodefaults -m 512 -smp 4,sockets=4 -cpu Skylake-Server-v4 "
    "-netdev user,id=lan -netdev user,id=lan2 -blockdev null-co,node-name=root,size=1073741824 "
    "-device virtio-net-pci,netdev=lan,addr=2 -device virtio-blk-pci,drive=root,addr=3 "
    "-device virtio-scsi-pci,addr=4 -device virtio-rng-pci,addr=5 -device virtio-balloon-pci,addr=6 "
    "-device virtio-serial-pci,addr=7 -device virtio-gpu-pci,addr=8 "
    "-device e1000e,netdev=lan2,addr=9,mac=52:54:00:12:34:57 -device qemu-xhci,addr=a "
    "-device pcie-root-port,id=port1,chassis=1,addr=b"
)

LEFT: Mapping[tuple[str, ...], str] = {
    ("acpi", "*", "*"): "the release's own ACPI tables, which a moved guest does not see",
    ("fw_cfg", "file", "etc/acpi/rsdp"): "points to the ACPI tables",
    ("fw_cfg", "file", "etc/table-loader", "sha256"): "places the ACPI tables",
    ("smbios", "type 4", "*", "fields"): "the family of the processor is told in another field by 11.1",
    ("map", "I/O", "*"): "the window of CPU hot-plug has another length, the reset register another name",
    ("cmos", "0x14"): "the bit for a floppy drive is not set by 11.1",
    ("cpuid", "*", "*", "*"): "what the emulated processor can do, which grows with TCG",
    ("virtio", "00/08.0", "config", "0x10"): "a field that virtio-gpu has in 11.1 and in 10.2 has not; seen",
}
"""What stays different between 7.2 and 11.1 with hints -> why; patterns of keys of a view."""

LEFT_IN_DUMPS: Mapping[tuple[str, str], str] = {
    ("*", "rombar"): "in 11.1, -1 says what 1 says",
    ("i440FX-pcihost", "*"): "in 11.1 it shows what the machine gives it",
    ("PIIX3", "*"): "in 11.1 it has the clock, the DMA controllers and ACPI as its parts",
    ("usb-storage", "*_block_size"): "in 11.1 only the disk that it makes tells them",
    ("virtio-mmio", "ioeventfd"): "in 7.2 off without KVM (virtio_mmio_realizefn)",
    ("usb-*", "port"): "told where it was asked for alone",
    ("ich9-usb-uhci?", "masterbus"): "the name of a bus, which follows from an id",
    ("PIIX4_PM", "smb_io_base"): "in 11.1 PIIX3 makes it",
}
"""Type and property that QEMU tells otherwise -> why."""


def compiled(text: str, release: str, hints: Hints | None = None) -> Compiled:
    """A description compiled, with hints or without."""
    description, _ = machdesc.load_source(machdesc.source_of(text, "guest.md"))
    assert description is not None
    found, diagnostics = machdesc.compile(
        description, release, hints=None if hints is None else ("guest.hints", hints)
    )
    assert found is not None, [diagnostic.message for diagnostic in diagnostics]
    assert [d.message for d in diagnostics if d.code == "no-hint"] == []
    return found


@contextmanager
def bare_qemu(line: str, monitor: str, release: str = "7.2") -> Iterator[str]:
    """A QEMU as somebody starts it by hand; the address of its monitor."""
    binary = binary_or_skip(release)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(dir=binary.scratch()) as folder:
        where = monitor.format(folder=folder, port=port)
        command = [*words(binary), *line.split(), "-accel", "tcg", "-S", "-display", "none"]
        command += ["-qmp", f"{where.replace(str(binary.root), '')},server=on,wait=off"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 30
            while not where.startswith("tcp:") and not os.path.exists(f"{folder}/q"):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield where
        finally:
            process.kill()
            process.wait()


def dump(where: str, path: Path) -> Hints:
    """What `hints dump` writes of a QEMU that runs."""
    for _ in range(100):  # a port has no file to wait for
        if main(["hints", "dump", "--qmp", where, "-o", str(path), "--force"]) == 0:
            return parse_hints(path.read_bytes())
        time.sleep(0.1)
    raise AssertionError("nobody answers")


@pytest.mark.parametrize(
    ("line", "text", "monitor"),
    [
        ("-M pc -m 512", BARE, "unix:{folder}/q"),
        (VIRTIO_WORDS, VIRTIO, "tcp:127.0.0.1:{port}"),
    ],
    ids=["bare", "virtio"],
)
def test_a_guest_of_7_2_under_11_1(line: str, text: str, monitor: str, tmp_path: Path) -> None:
    with bare_qemu(line, monitor) as where:
        hints = dump(where, tmp_path / "guest.hints")
        assert dump(where, tmp_path / "again.hints") == hints
    assert (tmp_path / "guest.hints").read_bytes() == (tmp_path / "again.hints").read_bytes()

    old_words, new_words = words(binary_or_skip("7.2")), words(binary_or_skip("11.1"))
    machine = hints.machine.rpartition("-")[0].removeprefix("pc-").replace("i440fx", "pc")
    old = replace_back_ends(compiled(text.replace(f"{machine} @ 11.1", f"{machine} @ 7.2"), "7.2"))
    new = replace_back_ends(compiled(text, "11.1", hints))
    with start_guest(new_words, new) as process:
        now = take_hints(read_running(process.monitor), machdesc.load_catalog())
    assert now.machine == hints.machine.replace("7.2", "11.1")
    assert list(_told_otherwise(hints, now)) == []

    view = view_guest(old_words, old)
    left = differences(view, view_guest(new_words, new), other_build=True)
    assert [str(found) for found in left if not _is_named(found)] == []
    plain = replace_back_ends(compiled(text, "11.1"))
    without = differences(view, view_guest(new_words, plain), other_build=True)
    assert len(without) > len(left)
    assert [found for found in without if not _is_named(found)]


def _is_named(found: Difference) -> bool:
    return any(
        len(pattern) == len(found.key) and all(map(fnmatchcase, found.key, pattern)) for pattern in LEFT
    )


def _told_otherwise(old: Hints, new: Hints) -> Iterator[str]:
    """Properties that both QEMUs tell, with other values."""
    rest = list(new.devices)
    for device in old.devices:
        found = next((other for other in rest if _place(other) == _place(device)), None)
        if found is None:
            if device.given or device.unit:
                yield f"{device.type} at {device.bus}/{device.unit} is gone"
            continue
        rest.remove(found)
        for name, value in device.values.items():
            is_other = name in found.values and found.values[name] != value
            if is_other and not _is_excused(device.type, name):
                yield f"{device.type}.{name}: {value} -> {found.values[name]}"


def _is_excused(type: str, name: str) -> bool:
    return any(fnmatchcase(type, owner) and fnmatchcase(name, pattern) for owner, pattern in LEFT_IN_DUMPS)


def _place(device: DeviceHint) -> tuple[str, str, str]:
    return device.type, device.bus, device.unit


def test_flags_of_the_processor_are_read_from_the_command_line(tmp_path: Path) -> None:
    with bare_qemu("-M pc -m 64 -cpu Haswell,-avx,+pcid,vmx=off", "unix:{folder}/q") as where:
        hints = dump(where, tmp_path / "guest.hints")
    assert hints.cpu_flags == {"avx": False, "pcid": True, "vmx": False}


def test_hints_of_sticks_and_of_flags_as_windows_guests_have_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What libvirt asks for, and a device that makes another one, compile again."""
    line = (
        "-M pc -nodefaults -m 64 -cpu Haswell,hv-spinlocks=0x1fff,hv_relaxed,pcid=yes "
        "-device usb-ehci,id=usb -blockdev null-co,node-name=d,size=1048576 "
        "-device usb-storage,drive=d,id=stick"
    )
    with bare_qemu(line, "unix:{folder}/q") as where:
        hints = dump(where, tmp_path / "guest.hints")
    assert hints.cpu_flags == {"hv-spinlocks": 8191, "hv-relaxed": True, "pcid": True}
    (tmp_path / "plain.md").write_text(
        "machdesc 1\nguest a\nmachine pc @ 11.1\ncpu Haswell @ v1\nmemory 64MiB\n"
        "device usb-ehci usb\ndevice usb-storage stick { drive d }\n"
        "host { accel kvm  blockdev null-co d { size 1048576 } }\n"
    )
    capsys.readouterr()
    command = ["compile", str(tmp_path / "plain.md"), "--qemu", "11.1", "--hints"]
    assert main([*command, str(tmp_path / "guest.hints")]) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert "hv-relaxed=on" in out
    assert "hv-spinlocks=8191" in out


STICK = "-blockdev null-co,node-name=d,size=1048576,read-zeroes=on -device"

IMPORTED = {
    "uhci and AC97, as libvirt has them": (
        "-M pc -nodefaults -device piix3-usb-uhci,id=usb,addr=1.2 -audiodev none,id=a -device AC97,audiodev=a"
    ),
    "usb devices": "-M q35 -nodefaults -device qemu-xhci,id=x -device usb-tablet,id=t -device usb-hub,id=h",
    "usb on, of a pc": "-M pc -nodefaults -usb",
    "usb on, of a q35": "-M q35 -nodefaults -usb",
    "flash": "-M q35,pflash0=d -nodefaults -blockdev null-co,node-name=d,size=4194304,read-zeroes=on",
    "nvme": f"-M q35 -nodefaults {STICK} nvme,drive=d,serial=a,id=n",
    "a stick": f"-M pc -nodefaults -device qemu-xhci,id=x {STICK} usb-storage,drive=d,id=us0",
}
"""What somebody starts by hand, and imports; each was refused once by the hints of itself."""


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("line", IMPORTED.values(), ids=IMPORTED)
def test_what_is_imported_takes_its_own_hints(
    line: str, release: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with bare_qemu(f"{line} -m 64", "unix:{folder}/q", release) as where:
        hints = dump(where, tmp_path / "guest.hints")
        capsys.readouterr()
        assert main(["import", "qmp", "--qmp", where, "-o", str(tmp_path / "guest.txt")]) == 0
    text = (tmp_path / "guest.txt").read_text()
    harmless = replace_back_ends(compiled(text, release, hints))
    with start_guest(words(binary_or_skip(release)), harmless) as process:
        now = take_hints(read_running(process.monitor), machdesc.load_catalog())
    assert list(_told_otherwise(hints, now)) == []
    assert sorted(map(_place, now.devices)) == sorted(map(_place, hints.devices))
    assert (now.memory, now.topology) == (hints.memory, hints.topology)


STARTED = [example for example in examples() if example.name not in COMPILE_ONLY]


@pytest.mark.parametrize("release", ["7.2", "11.1"])
@pytest.mark.parametrize("example", STARTED, ids=lambda example: example.name)
def test_an_example_takes_its_own_hints(example: Example, release: str) -> None:
    """What it tells, and what its guest reads, is the same as without them."""
    text = example.path.read_text()
    told, view = _told_and_read(compiled(text, release), example, release)
    now, again = _told_and_read(compiled(text, release, told), example, release)
    assert now == told
    assert differences(view, again) == []


@pytest.mark.parametrize("example", STARTED, ids=lambda example: example.name)
def test_an_example_of_7_2_under_11_1(example: Example) -> None:
    """What both releases tell of it is the same under the newest machine type."""
    text = example.path.read_text()
    told, _ = _told_and_read(compiled(text, "7.2"), example, "7.2")
    newer = re.sub(r"^machine (q35|pc) @ \S+", r"machine \1 @ 11.1", text, flags=re.MULTILINE)
    now, _ = _told_and_read(compiled(newer, "11.1", told), example, "11.1")
    assert list(_told_otherwise(told, now)) == []


def _told_and_read(guest: Compiled, example: Example, release: str) -> tuple[Hints, View]:
    """What QEMU tells of a guest, and what the guest reads."""
    harmless = harmless_guest(guest, str(example.path))
    with start_guest(words(binary_or_skip(release)), harmless) as process:
        hints = take_hints(read_running(process.monitor), machdesc.load_catalog())
        return hints, read_view(process)
