"""`machdesc verify` on real QEMUs: descriptions that are right, and such that are wrong."""

from __future__ import annotations

import shlex
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from machdesc.cli.main import main
from machdesc.library import Compiled
from machdesc.live.guest import start_guest
from machdesc.live.process import start
from machdesc.live.running import Running, read_running
from machdesc.verify.comparison import compare_running, harmless_guest
from tests.live.binary import RELEASES, Binary
from tests.live.conftest import binary_or_skip
from tests.live.sight import words
from tests.live.stand_in import write_kernel
from tests.truth.observation import EXAMPLES, compiled

pytestmark = pytest.mark.live

GUESTS = sorted(path.stem for path in EXAMPLES.glob("[!R]*.md"))

GUEST = """machdesc 1
guest lone { uuid "6e3b8c8a-6c1f-4b7e-9d59-0c4f3f0b2a11" }
machine q35 @ 7.2 { hpet off }
cpu Skylake-Server @ v4 { cpus 2  sockets 2  pcid on }
memory 256MiB { slots 2  max 1GiB }
device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 }
device virtio-net-pci net at rp1/00.0 { netdev lan  mac "52:54:00:12:34:56"  mq on  vectors 4 }
device virtio-scsi-pci scsi at pcie.0/03.0
device scsi-hd disk at scsi.0/0:0:1 { drive system  serial "one" }
device virtio-rng-pci @ 6.0 rng at pcie.0/04.0
object memory-backend-ram spare { size 64MiB }
host {
  accel tcg
  netdev user lan
  blockdev null-co system { size 1073741824 }
}
"""

WRONG = {
    "another address": ("net at rp1/00.0", "net at pcie.0/05.0", "address-differs"),
    "another unit": ("scsi.0/0:0:1", "scsi.0/0:0:2", "address-differs"),
    "a value": ("vectors 4", "vectors 5", "value-differs"),
    "a text": ('serial "one"', 'serial "two"', "value-differs"),
    "an address of a card": ("34:56", "34:57", "value-differs"),
    "a device more": ("\nhost", "\ndevice virtio-balloon-pci more at pcie.0/06.0\nhost", "device-missing"),
    "a device less": ("device virtio-rng-pci @ 6.0 rng at pcie.0/04.0\n", "", "device-unexpected"),
    "another type": ("device virtio-rng-pci @ 6.0 rng", "device virtio-balloon-pci rng", "type-differs"),
    "another version of a device": ("@ 6.0 rng", "@ 2.6 rng", "value-differs"),
    "another version of the machine": ("q35 @ 7.2", "q35 @ 7.1", "machine-differs"),
    "a property of the machine": ("hpet off", "hpet on", "value-differs"),
    "another CPU": ("Skylake-Server @ v4", "Skylake-Server @ v5", "cpu-differs"),
    "a feature of the CPU": ("pcid on", "pcid off", "value-differs"),
    "a number of CPUs": ("cpus 2  sockets 2", "cpus 4  sockets 4", "value-differs"),
    "another topology": ("sockets 2", "sockets 1", "value-differs"),
    "more memory": ("memory 256MiB", "memory 512MiB", "memory-differs"),
    "more slots": ("slots 2", "slots 3", "value-differs"),
    "another UUID": ("6e3b8c8a", "6e3b8c8b", "value-differs"),
    "an object": ("spare { size 64MiB }", "spare { size 32MiB }", "value-differs"),
}  # fmt: skip
"""What is changed -> the words, what stands in their place, and the code of the difference."""


def guest(text: str, release: str = "7.2") -> Compiled:
    """A text compiled."""
    found = compiled(text, release)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def running() -> Running:
    """The guest of GUEST as QEMU 7.2 runs it."""
    binary = binary_or_skip("7.2")
    with start_guest(words(binary), harmless_guest(guest(GUEST), "guest.md")) as process:
        return read_running(process.monitor)


def test_a_right_description(running: Running) -> None:
    findings = compare_running(guest(GUEST), running).findings
    assert [found.message for found in findings.differences] == []
    assert findings.devices == 5
    assert findings.values > 200


@pytest.mark.parametrize(("old", "new", "code"), WRONG.values(), ids=WRONG)
def test_a_wrong_description(old: str, new: str, code: str, running: Running) -> None:
    assert old in GUEST
    text = GUEST.replace(old, new)
    found = compare_running(guest(text), running).findings.differences
    assert code in {difference.code for difference in found}
    places = {difference.place()[1] for difference in found if difference.code == code}
    changed = {
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line not in GUEST.splitlines() or line.startswith("machine ")
    }
    assert places & changed


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", GUESTS)
def test_examples_are_what_they_say(name: str, release: str, capsys: pytest.CaptureFixture[str]) -> None:
    binary = binary_or_skip(release)
    command = ["verify", str(EXAMPLES / f"{name}.md"), "--qemu", shlex.join(words(binary)), "--timeout", "60"]
    code = main(command)
    out, errors = capsys.readouterr()
    assert f"QEMU {release}" in out
    found = [line for line in errors.splitlines() if " error: " in line]
    if release == "10.0":  # shows queues of 1024 entries whatever is set (machdesc.check.defect)
        found = [line for line in found if "the size of its queues: 1024 instead of" not in line]
    else:
        assert code == 0
    assert found == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_kernel_is_used_where_it_is_there(
    is_there: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "guest.md"
    file.write_text(
        GUEST.replace("\nhost", '\nboot { kernel "vmlinuz"  append "quiet" }\nhost'), encoding="utf-8"
    )
    if is_there:
        write_kernel(tmp_path / "vmlinuz")
    assert main(["verify", str(file), *_commands("7.2")]) == 0, capsys.readouterr().err
    assert ("kernel vmlinuz: is left out" in capsys.readouterr().err) is not is_there


OLD = """machdesc 1
guest old
machine {machine}
memory 128MiB
smbios 1 {{ serial "S" }}
device virtio-net-pci net at {bus}/03.0 {{ netdev lan  mac "52:54:00:12:34:56" }}
device virtio-blk-pci disk at {bus}/04.0 {{ drive d }}
host {{
  accel tcg
  netdev user lan
  blockdev null-co d {{ size 1073741824 }}
}}
"""


@pytest.mark.parametrize(
    "machine", ["pc @ 1.4", "pc @ 2.0", "pc @ 2.3", "pc @ 2.6", "q35 @ 2.5", "q35 @ 4.0"]
)
def test_old_machine_types(machine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "guest.md"
    file.write_text(OLD.format(machine=machine, bus="pcie.0" if "q35" in machine else "pci.0"))
    assert main(["verify", str(file), *_commands("7.2")]) == 0, capsys.readouterr().err


def _commands(*releases: str) -> list[str]:
    return [word for r in releases for word in ("--qemu", shlex.join(words(binary_or_skip(r))))]


def test_an_upgrade_that_is_safe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "guest.md"
    text = GUEST.replace("@ 6.0 rng", "rng")
    file.write_text(text, encoding="utf-8")
    command = ["verify", str(file), *_commands("7.2", "7.2"), "--migrate", "--timeout", "60"]
    assert main(command) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert "would not notice the upgrade" in out
    assert "its state of" in out


def test_an_upgrade_that_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "guest.md"
    file.write_text(GUEST, encoding="utf-8")
    command = ["verify", str(file), *_commands("10.0", "11.1"), "--migrate", "--timeout", "60"]
    assert main(command) == 1
    captured = capsys.readouterr()
    assert "would notice the upgrade" in captured.out
    assert "state-refused" in captured.err
    assert "`rng` is shown otherwise: legacy / queue sizes: (1024,) -> (8,)" in captured.err


@pytest.fixture(params=["unix", "tcp"])
def monitor(request: pytest.FixtureRequest) -> Iterator[tuple[str, Binary]]:
    """A guest of GUEST that runs by itself, with a monitor at an address."""
    binary = binary_or_skip("7.2")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=binary.scratch()))
        if request.param == "unix":
            where = f"{folder}/qmp"
            option = f"unix:{where},server=on,wait=off"
        else:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                where = f"127.0.0.1:{free.getsockname()[1]}"
            option = f"tcp:{where},server=on,wait=off"
        arguments = [*harmless_guest(guest(GUEST), "guest.md").arguments(), "-qmp", option]
        stack.enter_context(start(words(binary), arguments))
        yield where, binary


def test_a_running_guest_is_verified(
    monitor: tuple[str, Binary], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where, _ = monitor
    file = tmp_path / "guest.md"
    file.write_text(GUEST, encoding="utf-8")
    for _ in range(2):  # the guest is still there, and still answers
        assert main(["verify", str(file), "--qmp", where]) == 0, capsys.readouterr().err
    file.write_text(GUEST.replace("vectors 4", "vectors 5"), encoding="utf-8")
    assert main(["verify", str(file), "--qmp", where]) == 1
    assert f"{file}:7:" in capsys.readouterr().err
