"""Devices: each one of the description is there, in its place, with its values, and no other one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from machdesc.abi.effective import effective_values
from machdesc.hints.match import Mark, is_same_place, made_types, match_devices
from machdesc.hints.place import place_text
from machdesc.live.bus_name import NAMING_BUSES, later_names
from machdesc.live.qom import Object, Told
from machdesc.live.running import Running, RunningDevice
from machdesc.model.heading import heading
from machdesc.resolve.guest import Device, Guest
from machdesc.verify.finding import Findings, span_of


def compare_devices(guest: Guest, running: Running, replaced: frozenset[str], findings: Findings) -> None:
    """Adds what differs. `replaced` are ids, or types, of devices that were left out on purpose, or that
    another type stands in for."""
    pairs = pair_devices(guest, running)
    buses = _later_names(guest, pairs)
    for device, found, elsewhere in pairs:
        if device.type is None:
            continue
        span = heading(device.statement)
        if (device.id or device.type.name) in replaced:
            findings.passed.append(f"{name_of(device)}: left out or replaced, since it needs the host")
            continue
        if found is None:
            findings.differ("device-missing", f"QEMU has no {_described(device)}", span, _MISSING)
            continue
        findings.devices += 1
        if found.type != device.type.name:
            message = f"{name_of(device)} is a `{device.type.name}`, and QEMU has a `{found.type}`"
            findings.differ("type-differs", message, span, "write the type that is meant")
            continue
        if elsewhere and found.is_unplaced:
            reason = "QMP does not say it, since other devices were unplugged from this bus"
            findings.passed.append(f"{name_of(device).strip('`')}.port: {reason}")
        elif elsewhere and device.address is not None:
            here = place_text(device.address.bus.name, device.address.unit)
            message = f"{name_of(device)} is at {here}, and QEMU has it at {elsewhere}"
            help = "write the address at which the guest knows it"
            findings.differ("address-differs", message, device.address.span, help)
        _compare_values(guest, device, found, buses, findings)
    taken = {pair.found.path for pair in pairs if pair.found is not None}
    _tell_others(guest, running, [d for d in running.devices if d.path not in taken], findings)


_BACK_ENDS = frozenset(("netdev", "block", "chardev", "audiodev", "tpmdev"))
"""What a property names that stands in `host`, as catalogs call it."""

_MISSING = "start QEMU with what `machdesc compile` prints, or remove the device from the file"


class Pair(NamedTuple):
    """A device of the description, and the one that QEMU has for it; `elsewhere` is where that one is,
    as `BUS/UNIT`, if the description says another place."""

    device: Device
    found: RunningDevice | None
    elsewhere: str = ""


def pair_devices(guest: Guest, running: Running) -> list[Pair]:
    """The devices of a description, in order, with those of a running QEMU."""
    devices = running.devices
    marks = [
        Mark(device.type, device.id, device.given, device.bus_name, device.unit, _above(device, devices))
        for device in devices
    ]
    matched = match_devices(guest, marks, in_order=True)

    def pair(number: int, device: Device) -> Pair:
        other = matched.get(number)
        if other is None:
            return Pair(device, None)
        if is_same_place(guest, device, marks[other], marks, matched):
            return Pair(device, devices[other])
        return Pair(device, devices[other], place_text(marks[other].bus, marks[other].unit))

    return [pair(number, device) for number, device in enumerate(guest.devices)]


def _above(device: RunningDevice, devices: Sequence[RunningDevice]) -> int | None:
    """The number of the device that offers the bus of another one."""
    above = [number for number, other in enumerate(devices) if device.bus.startswith(f"{other.path}/")]
    return max(above, key=lambda number: len(devices[number].path), default=None)


def name_of(device: Device) -> str:
    """What a device is called in messages."""
    return f"`{device.id}`" if device.id else f"the `{device.type.name if device.type else ''}`"


def _described(device: Device) -> str:
    type = device.type.name if device.type is not None else ""
    return f"device `{device.id}` (`{type}`)" if device.id else f"`{type}` without an id in this place"


def _later_names(guest: Guest, pairs: Sequence[Pair]) -> dict[str, str]:
    """What QEMU calls the buses of devices without an id -> what the description calls them."""
    return {
        bus.rpartition("/")[2]: name
        for device, found, _ in pairs
        if found is not None and device.type is not None and device.id and not found.id
        for bus, name in later_names(found, device.type, guest.release, device.id)
    }


def _compare_values(
    guest: Guest, device: Device, found: RunningDevice, buses: Mapping[str, str], findings: Findings
) -> None:
    assert device.type is not None
    placed = {name for name, _ in device.address.properties} if device.address is not None else set()
    placed |= {"port"} if found.bus_type == "usb-bus" else set()
    for name, value in effective_values(guest, device).items():
        if name in placed:
            continue
        shown, key = _holder(found, name)
        if name in NAMING_BUSES and key in shown:
            told = shown[key]
            shown = {**shown, key: told._replace(value=buses.get(str(told.value), told.value))}
        if other := _undescribed_back_end(guest, device, name, shown.get(key)):
            reason = f"QEMU calls its back end `{other}`; such names are no promise"
            findings.passed.append(f"{name_of(device).strip('`')}.{name}: {reason}")
            continue
        findings.compare(
            name_of(device).strip("`"), device.type.name, value, shown, key, heading(device.statement)
        )


def _undescribed_back_end(guest: Guest, device: Device, name: str, told: Told | None) -> str:
    """The name of a back end that QEMU shows and the description does not have, such as that of an empty
    drive, or of a hub's port; empty for any other value."""
    property = device.type.properties(guest.release).get(name) if device.type is not None else None
    if told is None or property is None or property.refers not in _BACK_ENDS:
        return ""
    described = {statement.id.text for statement in guest.description.host if statement.id is not None}
    return "" if str(told.value) in described else str(told.value)


def _holder(found: RunningDevice, name: str) -> tuple[Object, str]:
    """The object that has a property, the device or one of its parts, and the property's name there."""
    if name in found.properties:
        return found.properties, name
    type, _, key = name.partition(".")
    for part in found.parts.values():
        if part["type"].value == type:
            return part, key
    return {}, name


def _tell_others(guest: Guest, running: Running, rest: list[RunningDevice], findings: Findings) -> None:
    """Devices that nobody wrote."""
    made = made_types(guest)
    span = span_of(guest, "machine")
    given = tuple(f"{device.path}/" for device in running.devices if device.given)
    for device in rest:
        place = place_text(device.bus_name, device.unit)
        at = f" at {place}" if place else ""
        belongs = device.path.startswith(given) or device.bus.startswith(given)
        if device.given:
            called = f"`{device.id}`" if device.id else "one without an id"
            message = f"QEMU has a `{device.type}`, {called}{at}, which the description does not have"
            help = f"add it: device {device.type} {device.id or 'ID'}{at}"
            findings.differ("device-unexpected", message, span, help)
        elif not belongs and device.type not in made:
            message = f"QEMU made a `{device.type}`{at} that neither the machine nor the file has"
            help = "QEMU was started without -nodefaults; describe the device, or start what compile prints"
            findings.differ("device-unexpected", message, span, help)
