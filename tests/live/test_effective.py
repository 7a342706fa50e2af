"""Effective values are QEMU's own: of devices, of the machine, of the topology and of CPU models.

Each release of the catalog is asked, under its newest machine type and under old ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

import machdesc
from machdesc.abi.effective import UNKNOWN, Effective, effective_values
from machdesc.abi.machine import machine_values
from machdesc.abi.processor import cpu_model
from machdesc.abi.shown import is_shown, plain, why_changed
from machdesc.abi.topology import LEVELS, topology
from machdesc.live.child import QemuFailure
from machdesc.resolve.guest import Device, Guest
from tests.live.conftest import binary_or_skip
from tests.live.plug import pluggable_types
from tests.live.qom import UNREADABLE, Objects
from tests.live.zoo import see_types, started

CASES = [
    ("5.2", "pc", "5.2"), ("5.2", "q35", "5.2"), ("5.2", "q35", "4.0"),
    ("7.2", "q35", "7.2"), ("7.2", "pc", "5.2"), ("7.2", "q35", "4.0"),
    ("10.0", "q35", "10.0"), ("10.0", "q35", "7.2"), ("10.0", "pc", "4.2"),
    ("11.1", "q35", "11.1"), ("11.1", "pc", "8.2"), ("11.1", "q35", "5.2"),
]  # fmt: skip
"""Release, machine, version of the machine."""

_REFERENCES = {
    "drive",
    "driveA",
    "driveB",
    "host",
    "subsys",
    "primary-bus",
    "rng",
    "chardev",
    "serial.chardev",
}
"""What names a back end, a bus or a part: QEMU shows the path of what it made, or moved it to a part."""


@pytest.mark.live
@pytest.mark.parametrize(("release", "machine", "version"), CASES)
def test_values_of_devices_are_what_qemu_shows(release: str, machine: str, version: str) -> None:
    binary = binary_or_skip(release)
    types = pluggable_types(machdesc.load_catalog(), release, machine)
    compared, wrong = 0, []
    for name, seen in see_types(binary, types, machine, version, "").items():
        if isinstance(seen, str):
            continue  # some types of a release need more than those of the newest one
        device = seen.guest.device(seen.id)
        assert device is not None
        for value, shown in _pairs(seen.guest, device, seen.objects):
            compared += 1
            if not _is_excused(name, value) and not is_shown(value, shown):
                wrong.append(f"{name}.{value.name} is {value[1:4]}, and QEMU shows {shown!r}")
    assert not wrong, "\n".join(wrong)
    assert compared > 2000


def _pairs(guest: Guest, device: Device, objects: Objects) -> Iterator[tuple[Effective, object]]:
    """Each known effective value with what QEMU shows for it."""
    assert device.type is not None
    parts = device.type.parts(guest.release)
    for name, value in effective_values(guest, device).items():
        path, key = "", name
        if name not in objects[""]:
            type_, _, key = name.partition(".")
            path = next((part for part, other in parts.items() if other == type_), "")
        shown = objects.get(path, {}).get(key, UNREADABLE)
        if value.origin != UNKNOWN and shown != UNREADABLE:
            yield value, shown


def _is_excused(type_: str, value: Effective) -> bool:
    return value.name in _REFERENCES or bool(why_changed(type_, value, ""))


COUNTS = (1, 3, 8)
"""Numbers of CPUs."""

QUEUES = """machdesc 1
machine {machine} @ {version}
cpu qemu64 {{ cpus {cpus}  maxcpus {cpus} }}
memory 64MiB
device virtio-blk-pci a at {bus}/03.0 {{ drive one  WRITTEN }}
device virtio-scsi-pci b at {bus}/04.0
device virtio-net-pci c at {bus}/05.0 {{ netdev lan  mq on }}
device virtio-serial-pci d at {bus}/06.0
device vhost-user-blk-pci e at {bus}/07.0 {{ chardev disk }}
device vhost-user-scsi-pci f at {bus}/08.0 {{ chardev target }}
host {{
  blockdev null-co one
  netdev tap lan {{ queues 3  script no }}
  chardev socket disk {{ path "/disk" }}
  chardev socket target {{ path "/target" }}
}}
"""


@pytest.mark.live
@pytest.mark.parametrize("cpus", COUNTS)
@pytest.mark.parametrize(("release", "machine", "version"), CASES)
def test_numbers_that_are_written_out_are_those_that_qemu_chooses(
    release: str, machine: str, version: str, cpus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = binary_or_skip(release)
    bus = {"q35": "pcie.0", "pc": "pci.0"}[machine]
    text = QUEUES.format(machine=machine, version=version, cpus=cpus, bus=bus).replace("WRITTEN", "")
    shown = []
    for settled in (True, False):
        if not settled:
            monkeypatch.setattr("machdesc.abi.settle.settle_devices", lambda guest: {})
            monkeypatch.setattr("machdesc.backend.emit.settle_topology", lambda guest: ())
        with started(binary, text) as (_, process):
            numbers: dict[str, object] = {}
            for device in "abcdef":
                path = f"/machine/peripheral/{device}"
                for item in process.monitor.ask("qom-list", path=path):
                    if item["name"] in ("num-queues", "num_queues", "vectors"):
                        value = process.monitor.ask("qom-get", path=path, property=item["name"])
                        numbers[f"{device}.{item['name']}"] = value
            numbers["cpus"] = process.monitor.ask("query-hotpluggable-cpus")
            shown.append(numbers)
    assert shown[0] == shown[1]
    assert len(shown[0]) == 11


SMP = (
    *("cpus 4", "cpus 2 maxcpus 6", "maxcpus 8 cores 2", "cpus 4 threads 2", "cpus 8 sockets 2"),
    *("sockets 3", "cpus 6 cores 3", "cpus 6 sockets 1 cores 3", "cores 2 threads 2", "cpus 8 dies 2"),
    "cpus 4 maxcpus 4 sockets 2 cores 2 threads 1",
)


@pytest.mark.live
@pytest.mark.parametrize(
    ("release", "version"),
    [("5.2", "5.2"), ("7.2", "7.2"), ("7.2", "6.1"), ("10.0", "6.2"), ("11.1", "11.1"), ("11.1", "5.2")],
)
def test_the_topology_is_what_qemu_computes(
    release: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = binary_or_skip(release)
    monkeypatch.setattr("machdesc.backend.emit.settle_topology", lambda guest: ())
    for words in SMP:
        text = f"machdesc 1\nmachine q35 @ {version}\ncpu qemu64 {{ {words} }}\nmemory 64MiB\n"
        ours = {name: value.value for name, value in topology(resolved(text, release)).items()}
        product = math.prod(int(str(ours[level])) for level in LEVELS if level in ours)
        if product != ours["maxcpus"]:
            with pytest.raises(QemuFailure, match="topology"), started(binary, text):
                pass
            continue
        with started(binary, text) as (_, process):
            possible = process.monitor.ask("query-hotpluggable-cpus")
            running = sum("qom-path" in cpu for cpu in possible)
            assert (running, len(possible)) == (ours["cpus"], ours["maxcpus"]), words
            for level, key in (("sockets", "socket-id"), ("cores", "core-id"), ("threads", "thread-id")):
                assert 1 + max(cpu["props"][key] for cpu in possible) == ours[level], (words, level)


def resolved(text: str, release: str) -> Guest:
    """The guest of a description."""
    description, _ = machdesc.load_source(machdesc.source_of(text, "guest"))
    assert description is not None
    return machdesc.resolve_description(description, release)[0]


@pytest.mark.live
@pytest.mark.parametrize(("release", "machine", "version"), CASES)
def test_values_of_the_machine_are_what_qemu_shows(release: str, machine: str, version: str) -> None:
    binary = binary_or_skip(release)
    text = f"machdesc 1\nmachine {machine} @ {version}\nmemory 64MiB\n"
    with started(binary, text) as (guest, process):
        wrong = []
        for name, value in machine_values(guest).items():
            if value.origin == UNKNOWN or name in _MACHINE_PATHS:
                continue
            shown = process.monitor.ask("qom-get", path="/machine", property=name)
            if plain(shown) != plain(value.value) and shown != "auto":
                wrong.append(f"{name} is {value[1:4]}, and QEMU shows {shown!r}")
    assert not wrong, "\n".join(wrong)


_MACHINE_PATHS = {"memory-backend", "device-memory-region-size", "firmware", "pflash0", "pflash1"}
"""What QEMU makes itself where nothing is named; and the name of the firmware, which only some tell."""


@pytest.mark.live
@pytest.mark.parametrize("release", ["5.2", "7.2", "10.0", "11.1"])
@pytest.mark.parametrize("machine", ["q35", "pc", "microvm"])
def test_a_model_without_a_version_has_the_machines(release: str, machine: str) -> None:
    binary = binary_or_skip(release)
    versions = {"microvm": [""], "q35": [f"@ {release}", "@ 6.0"], "pc": [f"@ {release}", "@ 6.0"]}[machine]
    for version in versions if release != "5.2" else versions[:1]:
        text = f"machdesc 1\nmachine {machine} {version}\nmemory 64MiB\n"
        with started(binary, text) as (_, process):
            told = {m["name"]: m.get("alias-of", "") for m in process.monitor.ask("query-cpu-definitions")}
        for name in ("Skylake-Server", "qemu64", "EPYC", "Skylake-Server-IBRS", "Haswell-v2", "Nehalem"):
            assert cpu_model(resolved(f"{text}cpu {name}\n", release)).value == (told[name] or name), (
                name,
                version,
            )
