"""What a running QEMU is, read over QMP alone: its machine, its devices and where they are, its objects.

Only questions are asked (`query-…`, `qom-list`, `qom-get`; see `machdesc.live.question`): a guest that runs
goes on and cannot notice. Every value is QEMU's own, as QMP shows it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from machdesc.live.conversation import Malformed, Refusal
from machdesc.live.monitor import Monitor
from machdesc.live.qom import PLUMBING, Object, Tree, child_type, read_trees
from machdesc.live.question import MACHINE, OBJECT
from machdesc.live.usb_port import usb_ports
from machdesc.resolve.address import KINDS
from machdesc.shape import misfit

USB = "usb-bus"
"""The type of USB's buses."""

_MACHINE, _OBJECTS = "/machine", "/objects"
_WITH_ID = "peripheral/"
_GIVEN = (_WITH_ID, "peripheral-anon/")
"""Where QEMU keeps what `-device` and `device_add` made; a name in the first is an id (qdev_set_id)."""

_DEVICE_PROPERTIES = {"realized", "hotplugged", "hotpluggable"}
"""What every device has, and no other object (hw/core/qdev.c)."""


@dataclass(frozen=True)
class RunningDevice:
    """A device. `path` is that in QOM, `id` is empty where it has none; `given` tells whether somebody
    asked for it, else the machine or another device made it.

    `bus` is the QOM path of the bus that it is plugged into, `bus_type` that bus's type; both empty
    where there is none. `unit` is its place there as `at BUS/UNIT` writes it, empty on a bus without units,
    and where it is not known (`is_unplaced`).
    `properties` are its own; `parts` are the devices that it is made of, by their
    path below it, such as `virtio-backend`.
    """

    path: str
    type: str
    id: str
    given: bool
    bus: str
    bus_type: str
    unit: str
    properties: Object
    parts: Tree

    @property
    def bus_name(self) -> str:
        """The bus as `bus=` names it, such as `pci.0`."""
        return self.bus.rpartition("/")[2]

    @property
    def is_unplaced(self) -> bool:
        """Whether it has a unit that is not known: the port of a USB device (`machdesc.live.usb_port`)."""
        return self.bus_type == USB and not self.unit


@dataclass(frozen=True)
class Running:
    """A running QEMU. `version` is such as `10.0.13`, `package` what its packager added.

    `machine` are the properties of the machine object, among them `type`. `devices` are all devices
    but parts, those that were asked for first; `objects` are those of `-object`, by id; `cpus` are the
    processors that are there, in the order of their numbers. `cpu_slots` are the answers of
    `query-hotpluggable-cpus`, one for each processor that there may be; none where the machine has no
    such thing. `ram` is the memory that the machine starts with, in bytes.
    """

    version: str
    package: str
    arch: str
    machine: Object
    devices: tuple[RunningDevice, ...]
    objects: Mapping[str, Object]
    cpus: tuple[RunningDevice, ...]
    cpu_slots: tuple[Mapping[str, Any], ...]
    ram: int
    name: str
    uuid: str

    @property
    def release(self) -> str:
        """The release that it is a build of, such as `10.0`."""
        return ".".join(self.version.split(".")[:2])

    @property
    def machine_type(self) -> str:
        """The full name of its machine type, such as `pc-q35-7.2`."""
        return str(self.machine["type"].value).removesuffix("-machine")

    @property
    def topology(self) -> dict[str, int]:
        """How many processors run, and how many there may be: `cpus`, `maxcpus`, and since 6.1 what they are
        grouped in. Empty where the machine tells nothing of it."""
        told = self.machine.get("smp")
        if told is not None and isinstance(told.value, dict):
            # It tells how many there were at the start.
            return {**told.value, "cpus": len(self.cpus)}
        possible = sum(slot.get("vcpus-count", 1) for slot in self.cpu_slots)
        return {"cpus": len(self.cpus), "maxcpus": possible} if possible else {}

    @property
    def memory(self) -> dict[str, int]:
        """The memory, as `memory` says it: its `size`, and since 7.1 `slots` and `max`."""
        told = self.machine.get("memory")
        if told is None or not isinstance(told.value, dict):
            return {"size": self.ram}
        shown = {"size": self.ram, "slots": told.value.get("slots", 0)}
        # It tells the most only where there are slots.
        return {**shown, "max": told.value["max-size"]} if "max-size" in told.value else shown

    @property
    def leading_cpus(self) -> int:
        """How many processors there are before the first empty place, which are those that a number of
        processors means. QEMU tells the last place first (machine_query_hotpluggable_cpus in
        hw/core/machine.c of 7.2)."""
        if not self.cpu_slots:
            return len(self.cpus)
        leading = takewhile(lambda slot: "qom-path" in slot, reversed(self.cpu_slots))
        return sum(slot.get("vcpus-count", 1) for slot in leading)

    def device(self, id: str) -> RunningDevice | None:
        """The device of an id."""
        return next((device for device in self.devices if device.id == id), None)


def read_running(monitor: Monitor) -> Running:
    """Asks a QEMU for everything; some thousand questions, one or two seconds before QEMU 10.1."""
    version = monitor.ask("query-version")
    trees = read_trees(monitor, [_MACHINE, _OBJECTS], PLUMBING)
    tree, objects = trees[_MACHINE], trees[_OBJECTS]
    _check(tree, objects)
    paths = [entry["qom-path"].removeprefix(f"{_MACHINE}/") for entry in monitor.ask("query-cpus-fast")]
    devices = list(_devices(tree))
    cpus = {device.path: device for device in devices}
    if missing := [path for path in paths if f"{_MACHINE}/{path}" not in cpus]:
        raise Malformed(f"the answer to query-cpus-fast is none of QEMU's: no device is at {missing[0]}")
    return Running(
        ".".join(str(version["qemu"][part]) for part in ("major", "minor", "micro")),
        version["package"],
        monitor.ask("query-target")["arch"],
        tree[""],
        tuple(device for device in devices if device.path.removeprefix(f"{_MACHINE}/") not in paths),
        {path: told for path, told in objects.items() if path and "/" not in path},
        tuple(cpus[f"{_MACHINE}/{path}"] for path in paths),
        _cpu_slots(monitor),
        monitor.ask("query-memory-size-summary")["base-memory"],
        monitor.ask("query-name").get("name", ""),
        monitor.ask("query-uuid")["UUID"],
    )


def _check(tree: Tree, objects: Tree) -> None:
    """Raises `Malformed` unless the machine, its devices and the objects have what is read of them."""
    wanted: list[tuple[str, Object, Any]] = [(_MACHINE, tree[""], MACHINE)]
    wanted += [(f"{_MACHINE}/{path}", found, OBJECT) for path, found in tree.items() if _is_device(found)]
    wanted += [(f"{_OBJECTS}/{path}", found, OBJECT) for path, found in objects.items() if path]
    for path, found, shape in wanted:
        if why := misfit(values_of(found), shape):
            raise Malformed(f"what QOM says of {path} is nothing that QEMU says: {why}")


def _is_device(properties: Object) -> bool:
    return properties.keys() >= _DEVICE_PROPERTIES


def _cpu_slots(monitor: Monitor) -> tuple[Mapping[str, Any], ...]:
    try:
        return tuple(monitor.ask("query-hotpluggable-cpus"))
    except Refusal:
        return ()


def unit_of(bus_type: str, properties: Mapping[str, object]) -> str:
    """The unit that properties of a device tell, as `at` writes it; empty on a bus without units.

    A PCI address is QEMU's number: slot times 8 plus function (hw/core/qdev-properties.c).
    """
    kind = KINDS.get(_ABOVE.get(bus_type, bus_type))
    if kind is None or not all(name in properties for name in kind.properties):
        return ""
    values = [properties[name] for name in kind.properties]
    if kind.properties == ("addr",):
        (address,) = values
        if isinstance(address, int):
            return f"{address >> 3:02x}.{address & 7}" if address >= 0 else ""
        return str(address)
    return ":".join(map(str, values))


INTERNAL_BUS = "pxb-bus"
"""The type of the root bus inside a `pxb`, with nothing on it but a bridge, whose bus has the id of the `pxb`
(pxb_dev_realize_common in hw/pci-bridge/pci_expander_bridge.c of 7.2)."""

_ABOVE = {"PCIE": "PCI", "CXL": "PCI", INTERNAL_BUS: "PCI", "pxb-pcie-bus": "PCI", "pxb-cxl-bus": "PCI"}
"""Types of buses whose devices have the addresses of another (hw/pci/pci.c, hw/pci-bridge)."""


def _devices(tree: Tree) -> Iterator[RunningDevice]:
    """All devices of `/machine` that are no part of another, those that were asked for first."""
    types = {
        f"{path}/{name}" if path else name: child_type(told)
        for path, properties in tree.items()
        for name, told in properties.items()
        if child_type(told)
    }
    found = {path for path, told in tree.items() if _is_device(told)}
    buses = {path: _bus(tree[path]) for path in found}
    bus_types = {path: types.get(bus.removeprefix(f"{_MACHINE}/"), "") for path, bus in buses.items()}
    # One that is on a bus with addresses is no part, though QEMU keeps it below another: the mch of
    # q35-pcihost is on pcie.0.
    whole = {path for path in found if _is_addressed(bus_types[path]) or not _above(path, found)}
    ports = {
        device: port
        for path, type in types.items()
        if type == USB and path in tree
        for device, port in usb_ports(tree[path], path, tree, _MACHINE).items()
    }
    parts: dict[str, dict[str, Object]] = {path: {} for path in whole}
    for path in found:
        if path not in whole:
            above = _above(path, whole)
            parts[above][path[len(above) + 1 :]] = tree[path]
    for path in sorted(whole, key=_order):
        id = path.removeprefix(_WITH_ID) if _is_given(path) and path.startswith(_WITH_ID) else ""
        yield RunningDevice(
            f"{_MACHINE}/{path}",
            str(tree[path]["type"].value),
            id,
            _is_given(path),
            buses[path],
            bus_types[path],
            ports[path] if path in ports else unit_of(bus_types[path], values_of(tree[path])),
            tree[path],
            parts[path],
        )


def values_of(properties: Object) -> dict[str, object]:
    """The values of properties, by name."""
    return {name: told.value for name, told in properties.items()}


def _bus(properties: Object) -> str:
    told = properties.get("parent_bus")
    return str(told.value) if told is not None else ""


def _is_given(path: str) -> bool:
    return path.startswith(_GIVEN) and path.count("/") == 1


def _is_addressed(bus_type: str) -> bool:
    return _ABOVE.get(bus_type, bus_type) in KINDS


def _above(path: str, others: Collection[str]) -> str:
    """The nearest of `others` that a path is below; empty where there is none."""
    above = path.rpartition("/")[0]
    while above and above not in others:
        above = above.rpartition("/")[0]
    return above


def _order(path: str) -> tuple[bool, list[str | int]]:
    """Sorts by words and numbers: QEMU lists the children of an object in no order."""
    words = re.split(r"(\d+)", path)
    return not _is_given(path), [int(word) if word.isdecimal() else word for word in words]
