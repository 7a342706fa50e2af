"""A running QEMU and its devices, made by hand, and guests to hold against them."""

from __future__ import annotations

from collections.abc import Mapping

import machdesc
from machdesc.diagnostic import has_errors
from machdesc.live.qom import Told
from machdesc.live.running import Running, RunningDevice
from machdesc.resolve.guest import Guest

_MACHINE = "/machine"


def guest_of(text: str, release: str = "7.2") -> Guest:
    """A description's guest, which has no errors."""
    description, _ = machdesc.load_source(machdesc.source_of(f"machdesc 1\nguest a\n{text}\n", "a.md"))
    assert description is not None
    guest, diagnostics = machdesc.resolve_description(description, release)
    assert not has_errors(diagnostics), [diagnostic.message for diagnostic in diagnostics]
    return guest


def told(values: Mapping[str, object]) -> dict[str, Told]:
    """Properties as QMP tells them."""
    types = {bool: "bool", int: "int", dict: "dict", list: "list"}
    return {name: Told(types.get(type(value), "string"), value) for name, value in values.items()}


def device(
    type: str,
    place: str = "",
    id: str = "",
    given: bool = True,
    above: str = "",
    values: Mapping[str, object] | None = None,
    part: str = "",
) -> RunningDevice:
    """A device at `BUS/UNIT`; `above` is the path of the one that offers the bus, `part` the type of the
    virtio device that it carries."""
    bus, _, unit = place.partition("/")
    folder = ("peripheral" if id else "peripheral-anon") if given else "unattached"
    return RunningDevice(
        f"{_MACHINE}/{folder}/{id or f'{type}-{bus}-{unit}'}",
        type,
        id,
        given,
        f"{above or '/machine/host'}/{bus}" if bus else "",
        "PCI" if bus else "",
        unit,
        told({"type": type, **(values or {})}),
        {"virtio-backend": told({"type": part})} if part else {},
    )


def running(
    *devices: RunningDevice,
    machine_type: str = "pc-i440fx-7.2",
    cpu: str = "qemu64-x86_64-cpu",
    machine: Mapping[str, object] | None = None,
    cpu_values: Mapping[str, object] | None = None,
    version: str = "7.2.22",
    cpu_places: str = "",
) -> Running:
    """A QEMU that runs these devices. `cpu_places` are the places of processors, `x` one that has one."""
    type = f"{machine_type}-machine"
    processor = RunningDevice(
        f"{_MACHINE}/cpu", cpu, "", False, "", "", "", told({"type": cpu, **(cpu_values or {})}), {}
    )
    nobody = "00000000-0000-0000-0000-000000000000"
    properties = told({"type": type, **(machine or {})})
    slots = tuple({"qom-path": "/machine/cpu"} if place == "x" else {} for place in reversed(cpu_places))
    cpus = (processor,) * (cpu_places.count("x") or 1)
    return Running(version, "", "x86_64", properties, devices, {}, cpus, slots, 128 << 20, "", nobody)
