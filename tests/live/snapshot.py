"""What a paused QEMU says of its hardware, as plain data that can be compared.

Only what QEMU itself tells counts: `query-pci` for PCI functions, `qom-get` for everything else.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from tests.live.machine import Machine, QmpError

FIRMWARE_SECONDS = 20.0
"""Longest wait until SeaBIOS has numbered all PCI buses; it takes a tenth of a second."""

ANSWERS = (
    "query-name",
    "query-uuid",
    "query-memory-size-summary",
    "query-memory-devices",
    "query-hotpluggable-cpus",
)
"""Commands without arguments that tell what no QOM property does; the last one has the NUMA nodes."""

VOLATILE = {"rtc-time"}
"""Machine properties that the time of day changes."""


class PciPlace(NamedTuple):
    """Where query-pci shows a function: `bridge` is the id of the device above, "" on a root bus."""

    bridge: str
    slot: int
    function: int


class Snapshot(NamedTuple):
    """`devices`, `objects`: id → property → value, without children; `machine`, `cpu`: the same of one.

    `cpu` is the first one. `pci` is query-pci's whole answer, `places` its devices that have an id.
    `answers` are those to the commands of ANSWERS.
    """

    devices: dict[str, dict[str, Any]]
    machine: dict[str, Any]
    cpu: dict[str, Any]
    pci: list[dict[str, Any]]
    places: dict[str, PciPlace]
    answers: dict[str, Any]
    objects: dict[str, dict[str, Any]]


def take_snapshot(machine: Machine) -> Snapshot:
    """Ask for everything, without letting the guest run."""
    devices = {
        entry["name"]: properties_of(machine, f"/machine/peripheral/{entry['name']}")
        for entry in machine.ask("qom-list", path="/machine/peripheral")
        if entry["type"].startswith("child<")
    }
    first_cpu = machine.ask("query-cpus-fast")[0]["qom-path"]
    pci = _answer(machine, "query-pci") or []
    objects = {
        entry["name"]: properties_of(machine, f"/objects/{entry['name']}")
        for entry in machine.ask("qom-list", path="/objects")
        if entry["type"].startswith("child<")
    }
    answers = {command: _answer(machine, command) for command in ANSWERS}
    return Snapshot(
        devices,
        properties_of(machine, "/machine"),
        properties_of(machine, first_cpu),
        pci,
        pci_places(pci),
        answers,
        objects,
    )


def properties_of(machine: Machine, path: str) -> dict[str, Any]:
    """Properties of a QOM object that can be read, but for its children."""
    found: dict[str, Any] = {}
    for entry in machine.ask("qom-list", path=path):
        if entry["type"].startswith("child<") or entry["name"] in VOLATILE:
            continue
        try:
            found[entry["name"]] = machine.ask("qom-get", path=path, property=entry["name"])
        except QmpError as error:
            if error.kind != "GenericError":
                raise
    return found


def pci_places(buses: list[dict[str, Any]]) -> dict[str, PciPlace]:
    """Place of each PCI function that has an id."""
    places: dict[str, PciPlace] = {}

    def walk(devices: list[dict[str, Any]], bridge: str) -> None:
        for device in devices:
            if device["qdev_id"]:
                places[device["qdev_id"]] = PciPlace(bridge, device["slot"], device["function"])
            walk(device.get("pci_bridge", {}).get("devices", []), device["qdev_id"])

    for bus in buses:
        walk(bus["devices"], "")
    return places


def places_after_firmware(machine: Machine, wanted: set[str]) -> dict[str, PciPlace]:
    """Let the firmware run until query-pci shows all `wanted` ids, and tell their places.

    query-pci follows bus numbers, and a bridge has none before firmware gave it one. Returns
    what there is after FIRMWARE_SECONDS when something stays away.
    """
    machine.ask("cont")
    deadline = time.monotonic() + FIRMWARE_SECONDS
    try:
        while True:
            places = pci_places(_answer(machine, "query-pci"))
            if wanted <= places.keys() or time.monotonic() > deadline:
                return places
            time.sleep(0.05)
    finally:
        machine.ask("stop")


def _answer(machine: Machine, command: str) -> Any:
    """Answer to a command without arguments; None of a machine that does not have the thing."""
    try:
        return machine.ask(command)
    except QmpError:
        return None
