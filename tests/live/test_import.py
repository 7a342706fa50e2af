"""Importing running guests: what is written compiles into the same guest."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

import machdesc
from machdesc.cli.main import main
from machdesc.hints.hint import Hints
from machdesc.importing.argument import ALONE, read_command_line
from machdesc.importing.guest import import_guest
from machdesc.live.dump import take_hints
from machdesc.live.endpoint import open_endpoint
from machdesc.live.guest import start_guest, view_guest
from machdesc.live.running import read_running
from machdesc.live.sandbox.sandbox import replace_back_ends
from machdesc.live.view import differences
from tests.live.binary import RELEASES, Binary
from tests.live.conftest import binary_or_skip
from tests.truth.observation import EXAMPLES, Bench, benches, compiled

pytestmark = pytest.mark.live

NAMES = sorted(path.stem for path in EXAMPLES.glob("[!R]*.md"))
WAYS = [(name, "7.2") for name in NAMES] + [
    (name, ("10.0", "11.1")[number % 2]) for number, name in enumerate(NAMES)
]

SAME = {
    ("told", "cpu", "type"): "a model without a version is written with the one that it means",
    ("told", "machine", "smm"): "what `auto` means is left at auto",
    ("told", "machine", "rtc"): "what `auto` means is left at auto",
}
"""Keys of a view that QEMU tells otherwise of the same guest -> why."""

LINES = {
    "by hand": "-M pc -m 256 -hda {folder}/a.img -net nic -net user",
    "without ids": "-M q35 -smp 4 -m 256 -device virtio-net-pci,netdev=n0 "
    "-netdev user,id=n0,hostfwd=tcp::0-:22,hostfwd=tcp::0-:23 "
    "-drive file={folder}/b.img,if=virtio,format=raw -device qemu-xhci "
    "-device usb-tablet -cdrom {folder}/a.img",
    "as libvirt": "-M q35 -nodefaults -m 256 "
    """-blockdev '{{"driver":"file","filename":"{folder}/a.img","node-name":"s","read-only":true}}' """
    """-blockdev '{{"node-name":"f","read-only":true,"driver":"raw","file":"s"}}' """
    """-device '{{"driver":"pcie-root-port","port":16,"chassis":1,"id":"pci.1","multifunction":true,"""
    """"addr":"0x2"}}' """
    """-device '{{"driver":"pcie-root-port","port":17,"chassis":2,"id":"pci.2","addr":"0x2.0x1"}}' """
    """-device '{{"driver":"virtio-blk-pci","bus":"pci.1","addr":"0x0","drive":"f","id":"disk0","""
    """"bootindex":1}}' """
    """-device '{{"driver":"virtio-scsi-pci","id":"scsi0","bus":"pci.2","addr":"0x0"}}' """
    "-smbios type=1,manufacturer=Acme,product=X -global ICH9-LPC.disable_s3=1 -boot menu=on,strict=on "
    "-rtc base=utc,driftfix=slew -cpu Haswell,-avx,+pcid,vmx=off",
    "bridges and usb": "-M pc -m 256 -device pci-bridge,chassis_nr=3 -device e1000,bus=pci.1,addr=4 "
    "-device lsi53c895a -drive file={folder}/a.img,if=none,id=d,format=raw -device scsi-hd,drive=d -usb "
    "-device usb-storage,drive=e -drive file={folder}/b.img,if=none,id=e,readonly=on,format=raw "
    "-parallel none -serial null -vga cirrus",
    "flash and files": "-M q35 -name 'Windows 10' -m 256 -drive if=pflash,format=raw,file={folder}/a.img "
    "-drive if=pflash,format=raw,file={folder}/b.img -serial file:{folder}/serial "
    "-serial unix:{folder}/s,server,nowait -nic user,model=e1000,hostfwd=tcp::0-:22 -nic user "
    "-audio none,model=hda -virtfs local,path={folder},mount_tag=x,security_model=none -no-reboot "
    "-global qemu64-x86_64-cpu.sse4.1=on -sandbox on,obsolete=deny -fw_cfg opt/x,string=y",
    "libvirt's own": "-name guest=äöü,debug-threads=on -no-user-config -nodefaults -m 256 "
    "-machine pc-q35-7.2,usb=off,vmport=off,hpet=off,dump-guest-core=off,memory-backend=pc.ram "
    """-object '{{"qom-type":"memory-backend-ram","id":"pc.ram","size":268435456}}' """
    "-cpu Skylake-Client,hv-time=on,hv-relaxed=on,hv-vapic=on,hv-spinlocks=0x1fff,mpx=off "
    "-chardev socket,id=charmonitor,path={folder}/m,server=on,wait=off -mon chardev=charmonitor,mode=control "
    "-rtc base=utc,driftfix=slew -global ICH9-LPC.disable_s3=1 -global ICH9-LPC.disable_s4=1 "
    "-boot strict=on -no-shutdown -msg timestamp=on -overcommit mem-lock=off "
    """-netdev '{{"type":"user","id":"hostnet0","hostfwd":[{{"str":"tcp::0-:22"}}]}}' """
    """-device '{{"driver":"virtio-net-pci","netdev":"hostnet0","id":"net0","mac":"52:54:00:e5:48:58"}}' """
    """-audiodev '{{"id":"audio1","driver":"none"}}' -device '{{"driver":"ich9-intel-hda","id":"sound0"}}' """
    """-device '{{"driver":"hda-duplex","bus":"sound0.0","cad":0,"audiodev":"audio1"}}' """
    "-smbios type=11,value=a -smbios type=11,value=b -smbios type=1,manufacturer=A -smbios type=1,product=B",
    "companions": "-M q35 -usb -device usb-tablet -device ich9-ahci -device ide-cd,bus=ide.8",
    "an expander": "-M pc -device pxb,id=p,bus_nr=64 -device e1000,bus=p",
    "thrown away": "-M pc -hda {folder}/a.img -cdrom {folder}/b.img -snapshot "
    "-drive file={folder}/c.img,format=raw,if=virtio",
    "one thrown away": "-M q35 -drive file={folder}/a.img,format=raw,if=virtio,snapshot=on "
    "-drive file={folder}/b.img,format=raw",
    "sound": "-M q35 -device AC97 -device ich9-intel-hda -device hda-duplex",
    "folders and room": "-M q35 -m 512M,maxmem=2G -drive file=fat:rw:{folder}/d,format=raw,if=virtio "
    "-object memory-backend-ram,id=vm0,size=256M -device virtio-mem-pci,memdev=vm0",
    "no screen": "-M pc-i440fx-5.2,acpi=off -nographic -m 128 -drive file={folder}/a.img,format=raw,index=2 "
    "-drive file={folder}/b.img,id=d,if=virtio,format=raw,discard=unmap -net nic,model=ne2k_pci -net user",
}
"""Command lines that nobody compiled."""

_BARE_OPTION = re.compile(r"^(-\S+(?: or -\S+)*)(?:  .*)?$", re.MULTILINE)
"""The options of a line of QEMU's help that shows no value behind them."""

_OPTION = re.compile(r"--?(\w[\w-]*)")


@pytest.mark.parametrize("release", ["5.2", *RELEASES])
def test_options_without_a_value(release: str) -> None:
    """Of those whose line of help shows none, QEMU tells: it names the first word that is no option, which
    is the next one, unless that was taken as a value."""
    binary = binary_or_skip(release)
    command = binary.command(binary.scratch())

    def said(*words: str) -> str:
        return subprocess.run([*command, *words], capture_output=True, text=True, check=False).stderr

    help = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    names = {name for line in _BARE_OPTION.findall(help) for name in _OPTION.findall(line)}
    answers = {name: said(f"-{name}", "-no-such", "-no-such-either") for name in {*names, *ALONE}}
    alone = {name for name, answer in answers.items() if "-no-such: invalid option" in answer}
    valued = {name for name, answer in answers.items() if "-no-such-either: invalid option" in answer}
    assert len(alone) > 20
    assert alone <= ALONE
    assert not valued & ALONE


@pytest.fixture(scope="module")
def found() -> Iterator[Mapping[str, Bench]]:
    """A bench for each release."""
    for release in ("7.2", "10.0", "11.1"):
        binary_or_skip(release)
    with benches(("7.2", "10.0", "11.1")) as opened:
        yield opened


@pytest.mark.parametrize(("name", "release"), WAYS)
def test_an_example_comes_back(name: str, release: str, found: Mapping[str, Bench]) -> None:
    bench = found[release]
    text = (EXAMPLES / f"{name}.md").read_text(encoding="utf-8")
    guest = compiled(text, release)
    assert guest is not None
    harmless = replace_back_ends(guest, EXAMPLES)
    command = bench.binary.command(bench.directory)
    with start_guest(command, harmless) as process:
        imported = import_guest(
            read_running(process.monitor),
            process.monitor,
            read_command_line(guest.arguments()),
            machdesc.load_catalog(),
        )
    assert [d.message for d in imported.diagnostics if not d.code.startswith("deprecated")] == []
    assert imported.untold == []
    again = compiled(imported.text, release)
    assert again is not None
    views = [view_guest(command, replace_back_ends(each, EXAMPLES)) for each in (guest, again)]
    left = [d for d in differences(*views, told=True) if d.key not in SAME]
    assert [str(difference) for difference in left] == []


@contextmanager
def running(binary: Binary, words: list[str], folder: Path) -> Iterator[str]:
    """A QEMU with a monitor, as somebody starts it; the address seen from outside."""
    inside = folder if binary.root is None else Path("/") / folder.relative_to(binary.root)
    command = [*binary.command(folder), *words, "-accel", "tcg", "-S", "-display", "none"]
    command += ["-qmp", f"unix:{inside}/q,server=on,wait=off"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 30
        while not (folder / "q").exists():
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        _await_listener(str(folder / "q"), deadline)
        yield str(folder / "q")
    finally:
        process.kill()
        process.communicate()
        (folder / "q").unlink(missing_ok=True)


def _await_listener(where: str, deadline: float) -> None:
    """Returns when somebody listens at a socket, which is there a little earlier."""
    while True:
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(where) == 0:
                return
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _hints(where: str) -> Hints:
    with open_endpoint(where) as (_, monitor):
        return take_hints(read_running(monitor), machdesc.load_catalog())


@pytest.mark.parametrize("release", ["7.2", "11.1"])
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_command_line_comes_back(line: str, release: str, capsys: pytest.CaptureFixture[str]) -> None:
    binary = binary_or_skip(release)
    with tempfile.TemporaryDirectory(dir=binary.scratch()) as name:
        folder = Path(name)
        inside = folder if binary.root is None else Path("/") / folder.relative_to(binary.root)
        (folder / "d").mkdir()
        for image in ("a.img", "b.img", "c.img"):
            (folder / image).write_bytes(bytes(1 << 20))
        file = folder / "guest.md"
        with running(binary, shlex.split(line.format(folder=inside)), folder) as where:
            old = _hints(where)
            assert main(["import", "qmp", "--qmp", where, "-o", str(file)]) == 0, capsys.readouterr().err
            assert main(["import", "qmp", "--qmp", where, "-o", str(file)]) == 2  # it is there already
            assert main(["verify", str(file), "--qmp", where]) == 0, capsys.readouterr()
        for command in (
            ["lint", "--qemu", release],
            ["fmt", "--check"],
            ["pin", "--check", "--qemu", release],
        ):
            assert main([command[0], str(file), *command[1:]]) == 0, capsys.readouterr().err
        again = compiled(file.read_text(encoding="utf-8"), release)
        assert again is not None
        words = [word for word in again.arguments() if word not in ("-display", "none")]
        with running(binary, words, folder) as where:
            new = _hints(where)
    assert _plain(old) == _plain(new)
    assert dict(old.cpu_values) == dict(new.cpu_values)


@pytest.mark.parametrize(
    ("core", "cpus", "verified"), [(1, 2, 0), (2, 1, 1)], ids=["the next place", "behind an empty place"]
)
@pytest.mark.parametrize("release", ["7.2", "11.1"])
def test_processors_that_were_plugged_in(
    release: str, core: int, cpus: int, verified: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number of processors fills the first places; others are told."""
    binary = binary_or_skip(release)
    place = {"socket-id": 0, "core-id": core, "thread-id": 0}
    words = ["-M", "q35", "-nodefaults", "-cpu", "qemu64-v1", "-smp", "1,maxcpus=4,sockets=1,cores=4"]
    with tempfile.TemporaryDirectory(dir=binary.scratch()) as name:
        file = Path(name) / "guest.md"
        with running(binary, words, Path(name)) as where:
            with open_endpoint(where) as (endpoint, monitor):
                endpoint.questions = None  # the guest is the test's own
                monitor.ask("device_add", driver="qemu64-v1-x86_64-cpu", id="c", **place)
            assert main(["import", "qmp", "--qmp", where, "-o", str(file)]) == 0
            assert ("1 of 2 processors" in capsys.readouterr().err) == (core == 2)
            assert f"cpus {cpus}\n" in file.read_text(encoding="utf-8")
            assert main(["verify", str(file), "--qmp", where]) == verified


def _plain(hints: Hints) -> list[tuple[str, str, list[tuple[str, object]]]]:
    """The devices without what an id changes: the names of buses; and without what is written out."""
    # The port that QEMU chose; controllers that are described one by one; the name of a bus.
    gone = {"port", "has-usb", "masterbus"}
    return sorted(
        (
            device.type,
            device.unit,
            sorted((name, value) for name, value in device.values.items() if name not in gone),
        )
        for device in hints.devices
    )
