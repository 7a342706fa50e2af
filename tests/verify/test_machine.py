"""The machine and its processors against what a QEMU tells."""

from __future__ import annotations

import pytest

from machdesc.live.running import Running
from machdesc.verify.finding import Findings
from machdesc.verify.machine import compare_machine
from tests.verify.stand_in import guest_of, running

GUEST = "machine pc @ 7.2\n{cpu}\nmemory 128MiB\nhost {{ accel tcg }}"


def codes(cpu: str, found: Running) -> list[str]:
    """The codes of the differences."""
    findings = Findings()
    compare_machine(guest_of(GUEST.format(cpu=cpu)), found, False, findings)
    return [difference.code for difference in findings.differences]


@pytest.mark.parametrize(
    ("cpu", "type", "expected"),
    [
        ("cpu qemu64 @ v1", "qemu64", []),
        ("cpu qemu64 @ v1", "qemu64-v1", []),
        ("cpu qemu64", "qemu64-v1", []),
        ("", "qemu64", []),
        ("cpu Skylake-Server @ v1", "Skylake-Server", []),
        ("cpu Skylake-Server @ v4", "Skylake-Server", ["cpu-differs"]),
        ("cpu Skylake-Server @ v4", "Skylake-Server-v5", ["cpu-differs"]),
        ("cpu qemu64 @ v1", "Haswell", ["cpu-differs"]),
        ("cpu qemu64 @ v1", "no-such-model", ["cpu-differs"]),
    ],
)
def test_models_by_all_their_names(cpu: str, type: str, expected: list[str]) -> None:
    assert codes(cpu, running(cpu=f"{type}-x86_64-cpu")) == expected


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ("xx--", []),
        ("x---", ["value-differs"]),
        ("xxx-", ["value-differs"]),
        ("x-x-", ["cpus-elsewhere"]),
    ],
)
def test_processors_that_were_plugged_in_count(places: str, expected: list[str]) -> None:
    smp = {"cpus": 1, "maxcpus": 4, "sockets": 1, "cores": 4, "threads": 1}
    found = running(machine={"smp": smp}, cpu_places=places)
    assert codes("cpu qemu64 { cpus 2 maxcpus 4 sockets 1 cores 4 threads 1 }", found) == expected


def test_the_machine_and_the_memory() -> None:
    other = running(machine_type="pc-i440fx-7.1")
    assert codes("", other) == ["machine-differs"]
    assert codes("", running(machine={"hpet": False})) == ["value-differs"]
    assert codes("", running(machine={"usb": True})) == []


def test_the_controllers_that_were_described_need_no_switch() -> None:
    findings = Findings()
    compare_machine(
        guest_of(GUEST.format(cpu="").replace("pc @ 7.2", "pc @ 7.2 { usb off }")),
        running(machine={"usb": True}),
        False,
        findings,
    )
    assert [difference.code for difference in findings.differences] == ["value-differs"]


def test_a_drive_may_be_the_flash() -> None:
    findings = Findings()
    text = GUEST.format(cpu="").replace("accel tcg", "accel tcg drive pflash0 { if pflash file a }")
    compare_machine(guest_of(text), running(machine={"pflash0": "pflash0"}), False, findings)
    assert findings.differences == []


def test_room_without_slots_is_not_told() -> None:
    found = running(machine={"memory": {"size": 128 << 20}})
    findings = Findings()
    text = GUEST.format(cpu="").replace("memory 128MiB", "memory 128MiB { slots 0 max 1GiB }")
    compare_machine(guest_of(text), found, False, findings)
    assert findings.differences == []
    assert "memory.max: QEMU tells it only where there are slots" in findings.passed
