"""States between releases: what `check` says of them is what QEMU does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from machdesc.harvest.probe_vmstate import probe_vmstate
from tests.live.state_matrix import Way, told, try_ways
from tests.truth.observation import EXAMPLES, Bench, benches

pytestmark = pytest.mark.live

_GUEST = """machdesc 1
guest lone
machine {machine}
cpu Skylake-Server @ v5 {{ cpus 1 }}
memory 64MiB
device {device}
host {{ accel kvm  accel tcg }}
"""

CASES = (
    ("pc @ 7.2", "isa-vga screen", ("7.2", "10.0"), True),
    ("pc @ 7.2", "isa-vga screen", ("10.0", "11.1"), False),
    ("pc @ 7.2", "isa-vga screen", ("11.1", "10.0"), False),
    ("pc @ 7.2", "am53c974 scsi at pci.0/04.0", ("7.2", "10.0"), False),
    ("pc @ 7.2", "dc390 scsi at pci.0/04.0", ("7.2", "11.1"), False),
    ("pc @ 7.2", "am53c974 scsi at pci.0/04.0", ("11.1", "10.0"), False),
    ("q35 @ 7.2", "e1000e net at pcie.0/04.0", ("7.2", "10.0"), True),
    ("q35 @ 7.2", "e1000e net at pcie.0/04.0", ("10.0", "7.2"), True),
    ("q35 @ 7.2", "pvscsi scsi at pcie.0/04.0", ("10.0", "11.1"), True),
    ("q35 @ 7.2", "ipmi-bmc-sim bmc", ("11.1", "7.2"), False),
)
"""Machine, device, way, and whether QEMU loads the state: the first of each kind that layouts tell of."""

EXAMPLE_WAYS = (
    ("linux-server", ("7.2", "11.1")),
    ("linux-server", ("10.0", "11.1")),
    ("windows-i440fx", ("7.2", "10.0")),
    ("microvm", ("10.0", "7.2")),
    ("passthrough", ("11.1", "10.0")),
)


@pytest.fixture(scope="module")
def found() -> Iterator[Mapping[str, Bench]]:
    """A bench for each release."""
    with benches(("7.2", "10.0", "11.1")) as opened:
        yield opened


def _try(name: str, text: str, found: Mapping[str, Bench], way: tuple[str, str]) -> Way:
    (result,) = try_ways(name, text, found, way)
    assert result.loads is not None, result.said
    return result


@pytest.mark.parametrize(("machine", "device", "way", "loads"), CASES)
def test_a_lone_device(
    machine: str, device: str, way: tuple[str, str], loads: bool, found: Mapping[str, Bench]
) -> None:
    text = _GUEST.format(machine=machine, device=device)
    result = _try(device.partition(" ")[0], text, found, way)
    assert result.loads is loads, result.said
    assert (not told(text, *way)) is loads


@pytest.mark.parametrize(("example", "way"), EXAMPLE_WAYS)
def test_an_example_guest(example: str, way: tuple[str, str], found: Mapping[str, Bench]) -> None:
    text = (EXAMPLES / f"{example}.md").read_text(encoding="utf-8")
    result = _try(example, text, found, way)
    assert (not told(text, *way)) is result.loads, result.said


def test_layouts_do_not_depend_on_the_machine_type(found: Mapping[str, Bench]) -> None:
    for bench in found.values():
        root = bench.binary.root
        command = ["chroot", str(root), "qemu-system-x86_64"] if root else ["qemu-system-x86_64"]
        dumps = [
            probe_vmstate(command, root or Path("/"), machine)
            for machine in ("none", "pc-q35-7.2", "microvm")
        ]
        assert [dump.pop("vmschkmachine")["Name"] for dump in dumps] == ["none", "pc-q35-7.2", "microvm"]
        assert dumps[0] == dumps[1] == dumps[2]
