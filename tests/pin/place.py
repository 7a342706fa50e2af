"""Where the devices of a pinned guest stand, in the form in which QEMU's answers are compared with it."""

from __future__ import annotations

from machdesc.diagnostic import ERROR, has_errors, render
from machdesc.model.guest import Description
from machdesc.model.load import load_source
from machdesc.resolve.address import kind_of
from machdesc.resolve.guest import Device, Guest
from machdesc.source import source_of

Place = tuple[tuple[str, str], ...]
"""A bus, and the properties of an address on it."""


def description_of(text: str) -> Description:
    """The description of a text without errors."""
    description, diagnostics = load_source(source_of(text, "guest.md"))
    assert description is not None
    assert not has_errors(diagnostics), [render(d) for d in diagnostics if d.severity == ERROR]
    return description


def needs_bus(guest: Guest, device: Device) -> bool:
    """Whether a device has a place that can be told."""
    return device.type is not None and device.type.bus(guest.release) not in ("", "System")


def names(guest: Guest, device: Device) -> tuple[str, ...]:
    """The properties of an address on the kind of bus that a device needs."""
    assert device.type is not None
    kind = kind_of(device.type.bus(guest.release), guest.catalog, guest.release)
    return kind.properties if kind is not None else ()


def compared(device: Device, place: list[tuple[str, str]]) -> Place:
    """What of a place is compared: QEMU plugs a namespace into the bus of the subsystem instead."""
    is_namespace = device.type is not None and device.type.name == "nvme-ns"
    return tuple(pair for pair in place if not (is_namespace and pair[0] == "bus"))


def without_hubs(guest: Guest, before: Guest) -> Guest:
    """A pinned guest without the hubs that `pin` added, so that its devices are those before, in order."""
    ids = {device.id for device in before.devices}
    kept = [d for d in guest.devices if d.id in ids or d.type is None or d.type.name != "usb-hub"]
    return guest._replace(devices=tuple(kept))


def places(guest: Guest) -> list[Place]:
    """Where the devices of a pinned guest stand, as it is written."""
    found = []
    for device in guest.devices:
        if not needs_bus(guest, device):
            continue
        assert device.address is not None, device.id
        said = dict(device.address.properties)
        wanted = names(guest, device)
        for item in device.statement.properties:
            if item.name in wanted:
                said[item.name] = getattr(item.value, "text", "")
        place = [("bus", device.address.bus.name), *((name, said[name]) for name in wanted)]
        found.append(compared(device, place))
    return found
