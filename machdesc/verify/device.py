"""Devices: each one of the description is there, in its place, with its values, and no other one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from machdesc.abi.effective import effective_values
from machdesc.abi.makeup import makeup_of
from machdesc.abi.onboard import own_types_of_any
from machdesc.live.qom import Object
from machdesc.live.running import Running, RunningDevice
from machdesc.resolve.guest import Device, Guest
from machdesc.verify.finding import Findings

if TYPE_CHECKING:
    from machdesc.syntax.tree import Span


def compare_devices(guest: Guest, running: Running, replaced: frozenset[str], findings: Findings) -> None:
    """Adds what differs. `replaced` are ids, or types, of devices that were left out on purpose, or that
    another type stands in for."""
    pairs, rest = match_devices(guest, running)
    for device, found in pairs:
        if device.type is None:
            continue
        span = heading(device)
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
        _compare_place(device, found, findings)
        _compare_values(guest, device, found, findings)
    _tell_others(guest, running, rest, findings)


_FLASH = ("pflash0", "pflash1")
_MADE = {"nvme": {"nvme-subsys"}}
"""Type -> the types of devices that one makes beside it (nvme_init_subsys in hw/nvme/ctrl.c of 10.0)."""

_MISSING = "start QEMU with what `machdesc compile` prints, or remove the device from the file"


def match_devices(
    guest: Guest, running: Running
) -> tuple[list[tuple[Device, RunningDevice | None]], list[RunningDevice]]:
    """Each device of the description with the one that QEMU has for it; and those that somebody asked for
    and that are left over.

    One without an id is found by its type, that in its place first.
    """
    rest = {device.path: device for device in running.devices if device.given}
    by_id = {device.id: device for device in rest.values() if device.id}
    found: dict[int, RunningDevice] = {}
    for number, device in enumerate(guest.devices):
        if device.id and device.id in by_id:
            found[number] = by_id[device.id]
            del rest[found[number].path]
    for strict in (True, False):
        for number, device in enumerate(guest.devices):
            if device.id or number in found or device.type is None:
                continue
            for other in rest.values():
                fits = other.type == device.type.name and not other.id
                if fits and (not strict or not _place_difference(device, other)):
                    found[number] = other
                    del rest[other.path]
                    break
    return [(device, found.get(number)) for number, device in enumerate(guest.devices)], list(rest.values())


def heading(device: Device) -> Span:
    """The device's name in the text: its id, else its type."""
    part = device.statement.id or device.statement.head
    return part.span if part is not None else device.statement.span


def name_of(device: Device) -> str:
    """What a device is called in messages."""
    return f"`{device.id}`" if device.id else f"the `{device.type.name if device.type else ''}`"


def _described(device: Device) -> str:
    type = device.type.name if device.type is not None else ""
    return f"device `{device.id}` (`{type}`)" if device.id else f"`{type}` without an id in this place"


def _compare_place(device: Device, found: RunningDevice, findings: Findings) -> None:
    difference = _place_difference(device, found)
    if difference and device.address is not None:
        findings.differ(
            "address-differs",
            f"{name_of(device)} is at {difference[0]}, and QEMU has it at {difference[1]}",
            device.address.span,
            "write the address at which the guest knows it",
        )


def _place_difference(device: Device, found: RunningDevice) -> tuple[str, str] | None:
    """Where a device is said to be and where it is; None when that is the same, or not said."""
    if device.address is None:
        return None
    if found.type == "nvme-ns":
        return None  # a controller in a subsystem hands its namespaces on to it (hw/nvme/ns.c)
    bus = device.address.bus.name
    unit = ":".join(value for _, value in device.address.properties)
    is_same = found.bus_name == bus and (not unit or found.unit == unit)
    if is_same:
        return None
    return (
        f"{bus}/{unit}" if unit else bus,
        f"{found.bus_name}/{found.unit}" if found.unit else found.bus_name,
    )


def _compare_values(guest: Guest, device: Device, found: RunningDevice, findings: Findings) -> None:
    assert device.type is not None
    placed = {name for name, _ in device.address.properties} if device.address is not None else set()
    placed |= {"port"} if found.bus_type == "usb-bus" else set()
    for name, value in effective_values(guest, device).items():
        if name in placed:
            continue
        shown, key = _holder(found, name)
        findings.compare(name_of(device).strip("`"), device.type.name, value, shown, key, heading(device))


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
    statement = guest.description.one("machine") or guest.description.statements[0]
    span = statement.head.span if statement.head is not None else statement.span
    for device in rest:
        called = f"`{device.id}`" if device.id else "one without an id"
        message = f"QEMU has a `{device.type}`, {called}{_at(device)}, which the description does not have"
        findings.differ("device-unexpected", message, span, f"add it: {_line(device)}")
    known = _known_types(guest)
    given = {device.path for device in running.devices if device.given}
    for device in running.devices:
        made = any(device.path.startswith(f"{path}/") or device.bus.startswith(f"{path}/") for path in given)
        if not device.given and not made and device.type not in known:
            message = f"QEMU made a `{device.type}`{_at(device)} that neither the machine nor the file has"
            help = "QEMU was started without -nodefaults; describe the device, or start what compile prints"
            findings.differ("device-unexpected", message, span, help)


def _known_types(guest: Guest) -> set[str]:
    """The types of devices that the machine has, or that others create."""
    types = set(own_types_of_any(guest))
    machine = guest.description.one("machine")
    if machine is not None and any(item.name in _FLASH for item in machine.properties):
        types.add("cfi.pflash01")
    for device in guest.devices:
        if device.type is not None:
            makeup = makeup_of(guest.catalog, guest.release, device.type.name)
            types |= _MADE.get(device.type.name, set())
            types |= {part.type for part in (*makeup.parts, *makeup.realized)}
    return types


def _at(device: RunningDevice) -> str:
    place = f"{device.bus_name}/{device.unit}" if device.unit else device.bus_name
    return f" at {place}" if place else ""


def _line(device: RunningDevice) -> str:
    return f"device {device.type} {device.id or 'ID'}{_at(device)}"
