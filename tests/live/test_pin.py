"""Addresses that `pin` writes are those that QEMU gives when they are not written.

Guests that are made at random, and the examples with their addresses taken out, are compiled and
started as they are, and QEMU is asked where each device stands. `MACHDESC_PINS=300` makes more guests.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from machdesc.catalog.catalog import load_catalog
from machdesc.diagnostic import ERROR, render
from machdesc.library import Compiled, compile, resolve_description
from machdesc.live.child import QemuFailure
from machdesc.live.guest import start_guest
from machdesc.live.monitor import Monitor
from machdesc.live.process import start
from machdesc.live.sandbox.sandbox import replace_back_ends
from machdesc.pinning.pin import pin
from machdesc.pinning.root_port import is_express
from machdesc.resolve.guest import Guest
from tests.live.binary import RELEASES, Binary, Unavailable, find_binary
from tests.live.description import EXAMPLES
from tests.live.random_guest import random_guest
from tests.live.sight import words
from tests.pin.place import Place, compared, description_of, names, needs_bus, places, without_hubs

pytestmark = pytest.mark.live

COUNT = int(os.environ.get("MACHDESC_PINS", "20"))
_BATCH = 10
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.md") if path.stem not in ("README", "passthrough"))
"""The examples that need nothing of the host."""

_NEEDS_FILES = re.compile(r"(?ms)^(boot|fw_cfg [^\n]*) \{\n.*?^\}\n")
"""Statements that name files, which are not there."""


def _binary(release: str) -> Binary:
    try:
        return find_binary(release)
    except Unavailable as why:
        pytest.skip(str(why))


def asked(monitor: Monitor, guest: Guest) -> list[Place]:
    """Where QEMU says that devices stand, in order; those without an id are told by their order."""
    found = []
    anonymous = 0
    ports = _usb_ports(monitor)
    functions = dict(_functions(monitor.ask("query-pci")))
    for device in guest.devices:
        path = f"/machine/peripheral/{device.id}"
        if not device.id:
            path = f"/machine/peripheral-anon/device[{anonymous}]"
            anonymous += 1
        if not needs_bus(guest, device):
            continue
        place = [("bus", monitor.ask("qom-get", path=path, property="parent_bus").rpartition("/")[2])]
        for name in names(guest, device):
            if name == "port":  # the property tells which port was asked for
                value = ports[device.id]
            elif name == "addr" and device.id in functions:
                value = functions[device.id]
            else:
                value = monitor.ask("qom-get", path=path, property=name)
            place.append((name, _text(name, value)))
        found.append(compared(device, place))
    return found


def _functions(buses: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Slot and function of all PCI devices that `query-pci` lists: those behind bridges only as far as
    these have numbers, which firmware gives them."""
    for bus in buses:
        for device in bus["devices"]:
            if device["qdev_id"]:
                yield device["qdev_id"], f"{device['slot']:02x}.{device['function']}"
            if "pci_bridge" in device:
                yield from _functions([{"devices": device["pci_bridge"].get("devices", [])}])


def _usb_ports(monitor: Monitor) -> dict[str, str]:
    """The paths of the ports of all USB devices that have an id."""
    text = monitor.human("info usb")
    return {m[2]: m[1] for m in re.finditer(r"Port ([\d.]+),.*, ID: (\w+)", text)}


def _text(name: str, value: Any) -> str:
    """A value as the language writes it."""
    if name == "addr" and isinstance(value, int):
        return f"{value >> 3:02x}.{value & 7}"
    return str(value)


def places_in_qemu(compiled: Compiled, guest: Guest, binary: Binary) -> list[Place]:
    """Starts a guest and asks; raises QemuFailure when QEMU refuses it."""
    with start_guest(words(binary), replace_back_ends(compiled)) as process:
        return asked(process.monitor, guest)


def verdict(text: str, binary: Binary) -> str:
    """Holds one guest against QEMU: "equal", "refused" where QEMU does not start it, or what is not so."""
    catalog = load_catalog()
    description = description_of(text)
    compiled, diagnostics = compile(description, binary.release, catalog, "allowed")
    assert compiled is not None, [render(d) for d in diagnostics if d.severity == ERROR]
    source, diagnostics = pin(description, binary.release, catalog)
    try:
        told = places_in_qemu(compiled, compiled.guest, binary)
    except QemuFailure as refusal:
        if source is not None and "Unsupported PCI slot 0" in str(refusal):
            # The first free slot is one that QEMU refuses then; `pin` takes the next.
            again, _ = compile(description_of(source.text), binary.release, catalog)
            assert again is not None
            places_in_qemu(again, again.guest, binary)
        return f"refused: {refusal}"
    if source is None:
        return "pin refuses: " + "; ".join(render(d) for d in diagnostics)
    again, diagnostics = compile(description_of(source.text), binary.release, catalog)
    assert again is not None, [render(d) for d in diagnostics if d.severity == ERROR]
    guest = without_hubs(again.guest, compiled.guest)
    differences = [
        f"{device.id}: {place} in QEMU, {other} in pin"
        for device, place, other in zip(
            [d for d in guest.devices if needs_bus(guest, d)], told, places(guest), strict=True
        )
        if place != other
    ]
    if not differences:
        assert places_in_qemu(again, guest, binary) == told
    return "\n".join(differences) or "equal"


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("first", range(0, COUNT, _BATCH))
def test_random_guests(release: str, first: int) -> None:
    binary = _binary(release)
    verdicts = {seed: verdict(random_guest(seed), binary) for seed in range(first, first + _BATCH)}
    refused = [seed for seed, found in verdicts.items() if found.startswith("refused")]
    wrong = {s: v for s, v in verdicts.items() if s not in refused and v != "equal"}
    assert not wrong
    assert len(refused) <= _BATCH // 2, [verdicts[seed] for seed in refused]


@pytest.mark.parametrize("kept", ["", r" at \g<bus>"], ids=["nothing", "bus"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("release", RELEASES)
def test_examples_without_addresses(release: str, name: str, kept: str) -> None:
    """With all addresses taken out, or what follows the bus in them."""
    text = (EXAMPLES / f"{name}.md").read_text()
    text = re.sub(r"(?m)^(?P<words>device .*?) at (?P<bus>[^ /\n]+)(/[^ \n]+)?", r"\g<words>" + kept, text)
    found = verdict(_NEEDS_FILES.sub("", text), _binary(release))
    if name in ("pci-bridges", "numa-hotplug") and not kept:
        assert "bridges can be plugged" in found
    else:
        assert found == "equal"


@pytest.mark.parametrize("release", RELEASES)
def test_qemu_tells_which_types_are_of_pci_express(release: str) -> None:
    catalog = load_catalog()
    with start(words(_binary(release)), ["-accel", "tcg"]) as process:
        told = process.monitor.ask("qom-list-types", implements="pci-express-device")
    names = {item["name"] for item in told}
    types = [catalog.device(name) for name in catalog.names("device")]
    found = [t for t in types if t is not None and release in t.releases and t.bus(release) == "PCI"]
    assert len(found) > 100
    for type in found:
        guest, _ = resolve_description(
            description_of(f"machdesc 1\nmachine q35\ndevice {type.name} x\n"), release
        )
        assert is_express(guest, guest.devices[0]) == (type.name in names), type.name


@pytest.mark.parametrize("release", RELEASES)
def test_guests_with_ports_for_hotplug_start(release: str) -> None:
    binary, catalog = _binary(release), load_catalog()
    for name in ("linux-server", "router", "storage-server", "usb-and-sound", "virtio-zoo", "windows-q35"):
        text = re.sub(r"(?m)^(device .*?) at [^ \n]+", r"\1", (EXAMPLES / f"{name}.md").read_text())
        source, diagnostics = pin(description_of(text), release, catalog, strategy="hotplug")
        assert source is not None, [render(d) for d in diagnostics if d.severity == ERROR]
        compiled, _ = compile(description_of(source.text), release, catalog)
        assert compiled is not None
        assert places_in_qemu(compiled, compiled.guest, binary) == places(compiled.guest)


@pytest.mark.parametrize("release", RELEASES[1:])
def test_virtual_functions_have_places(release: str) -> None:
    lines = ["machdesc 1", "machine q35", "memory 64M", "device igb i", 'device nvme n { serial "s" }']
    lines += [f"device virtio-rng-pci r{number}" for number in range(24)]
    assert verdict("\n".join(lines), _binary(release)) == "equal"
