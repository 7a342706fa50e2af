"""Hints of the devices that a description has: each gets what it had, at its place."""

from __future__ import annotations

from machdesc.abi.effective import WRITTEN, effective
from machdesc.abi.makeup import makeup_of
from machdesc.abi.shown import is_shown
from machdesc.diagnostic import error, warning
from machdesc.hints.basis import contradicted, gone, is_kept
from machdesc.hints.match import Mark, is_same_place, made_types, match_devices
from machdesc.hints.place import place_text
from machdesc.model.heading import heading
from machdesc.resolve.address import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.hints.basis import Basis, Scalar
    from machdesc.hints.draft import Draft
    from machdesc.hints.hint import DeviceHint
    from machdesc.resolve.guest import Device, Guest
    from machdesc.syntax.tree import Span


_MASTER, _MASTER_TYPE = "masterbus", "pci-ehci-usb"
"""Property that names the bus of the controller that one is a companion of, and what types that one is of."""


def lay_devices(basis: Basis, draft: Draft, span: Span) -> None:
    """Devices that somebody asked for, or that a bare command line brought along. `span` is the machine's.

    Codes: hint-without-device, hint-of-another-type, hint-of-another-place, hint-contradicted,
    hint-without-property, hint-conflict, no-hint.
    """
    guest, hints = basis.guest, basis.hints.devices
    marks = [Mark(hint.type, hint.id, hint.given, hint.bus, hint.unit) for hint in hints]
    pairs = match_devices(guest, marks)
    for number, other in pairs.items():
        device, hint = guest.devices[number], hints[other]
        if device.type is not None and device.type.name != hint.type:
            message = f"`{device.id}` is a `{device.type.name}`, and {basis.file} has a `{hint.type}`"
            help = "write the type that the guest has, or dump again"
            draft.found.append(error("hint-of-another-type", message, heading(device.statement), "", help))
            continue
        _put(basis, draft, device, hint, is_same_place(guest, device, marks[other], marks, pairs))
        _complete(basis, draft, _dated(basis, draft, device), hint)
    for number, device in enumerate(guest.devices):
        if number not in pairs and device.type is not None:
            message = f"{basis.file} has no hint for `{device.id or device.type.name}`"
            help = f"it is as in {device.version}; was it added after the dump?"
            draft.found.append(warning("no-hint", message, heading(device.statement), "", help))
    made, taken = made_types(guest), {*pairs.values()}
    for other, hint in enumerate(hints):
        if other not in taken and (hint.given or hint.type not in made):
            _tell_undescribed(basis, draft, hint, span)


def _tell_undescribed(basis: Basis, draft: Draft, hint: DeviceHint, span: Span) -> None:
    place = place_text(hint.bus, hint.unit)
    at = f" at {place}" if place else ""
    name = hint.id or f"{hint.type}{at}"
    message = f"{basis.file} has a hint for `{name}`, which the description does not have"
    help = f"describe it: device {hint.type} {hint.id or 'ID'}{at}; or dump again without it"
    draft.found.append(error("hint-without-device", message, span, "", help))


def _put(basis: Basis, draft: Draft, device: Device, hint: DeviceHint, is_there: bool) -> None:
    """The place: given to a device that has none, else it has to be the same."""
    span, there = heading(device.statement), place_text(hint.bus, hint.unit)
    unit = hint.unit if _places(basis, device, hint) else ""
    name = f"`{device.id or hint.type}`"
    if not hint.bus:
        return
    if device.address is None and hint.bus in basis.guest.buses:
        draft.place(device.statement, place_text(hint.bus, unit), span)
    elif device.address is None and hint.unit:
        message = f"{name} has no address, and {basis.file} has it at {there}, a bus that is not described"
        help = "write its address, by the name that the bus has here"
        draft.found.append(error("hint-of-another-place", message, span, "", help))
    elif device.address is not None and not is_there:
        here = place_text(device.address.bus.name, device.address.unit)
        message = f"{name} is at {here}, and {basis.file} has it at {there}"
        help = "write the address at which the guest knows it, or dump again"
        draft.found.append(error("hint-of-another-place", message, device.address.span, "", help))
    elif device.address is not None and not device.address.unit and unit:
        draft.place(device.statement, place_text(device.address.bus.name, unit), span)


def _places(basis: Basis, device: Device, hint: DeviceHint) -> tuple[str, ...]:
    """The properties that the unit of a hint says; none where the description writes them as properties."""
    guest = basis.guest
    bus = device.type.bus(guest.release) if device.type is not None else ""
    kind = kind_of(bus, guest.catalog, guest.release)
    names = kind.properties if kind is not None and hint.unit else ()
    return () if any(item.name in names for item in device.statement.properties) else names


def _dated(basis: Basis, draft: Draft, device: Device) -> Device:
    """The device at its version: what the QEMU that was asked did not know yet is as under the machine that
    it ran."""
    known = basis.guest.catalog.machine(basis.wanted.machine) if basis.wanted is not None else None
    if device.statement.version is not None or known is None:
        return device
    version = known.name.removeprefix(f"{known.family}-")
    draft.date(device.statement, version, heading(device.statement))
    return device._replace(version=version)


def _master_bus(guest: Guest, companion: Device, told: Scalar) -> Scalar:
    """The bus of the controller that a companion had, by the name that it has here: a controller that had no
    id has another one now. They are functions of one slot."""
    if told == "" or told in guest.buses or companion.address is None:
        return told
    bus, slot = companion.address.bus, companion.address.unit.partition(".")[0]
    for device in guest.devices:
        at, type = device.address, device.type
        is_beside = at is not None and (at.bus, at.unit.partition(".")[0]) == (bus, slot)
        if is_beside and type is not None and _MASTER_TYPE in type.parents(guest.release):
            return next((name for name, offer in guest.buses.items() if offer.owner == device.id), told)
    return told


def _complete(basis: Basis, draft: Draft, device: Device, hint: DeviceHint) -> None:
    """The values that the device would not have by itself."""
    guest, span, owner = basis.guest, heading(device.statement), device.id or hint.type
    places = _places(basis, device, hint)
    makeup = makeup_of(guest.catalog, guest.release, hint.type)
    for name, value in hint.values.items():
        if name in places:
            continue
        if name == _MASTER:
            value = _master_bus(guest, device, value)
        if makeup.property(name) is None:
            draft.found += gone(basis, owner, hint.type, name, value, span)
            continue
        found = effective(guest, device, name)
        is_of_part = name not in makeup.own.properties
        if is_kept(basis, found, value, hint.type, makeup.property(name), device.id):
            if is_of_part and is_shown(found, value):
                draft.add_global(name, value, owner, span, is_there=True)
            continue
        if found.origin == WRITTEN:
            draft.found.append(contradicted(basis, owner, found, value, span))
        elif is_of_part:
            draft.add_global(name, value, owner, span)
        else:
            draft.add(device.statement, name, value, span)
