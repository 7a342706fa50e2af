"""Checks of names: ids that QEMU's tree of objects has already taken, with which it aborts.

A property and a child of an object have one name space (qom/object.c, object_property_try_add). A bus
becomes a child of the device that offers it, under its own name (hw/core/bus.c, qbus_init_internal), and
bridges name theirs by their id; so a root port cannot be called `port`. QEMU 5.2 to 11.1 all abort.
"""

from __future__ import annotations

from machdesc.catalog.version import version_key
from machdesc.diagnostic import Diagnostic, error
from machdesc.resolve.guest import Device, Guest
from machdesc.schema.validate import INTERNAL

_BEHIND = {"pxb": "pci-bridge", "pxb-pcie": "pxb-host", "pxb-cxl": "pxb-cxl-host"}
"""Devices whose bus belongs to another one that they create (hw/pci-bridge/pci_expander_bridge.c)."""

_CONTAINERS = {"device": "0", "object": "0", "chardev": "0", "audiodev": "10.2"}
"""What QEMU keeps by id in a container object, and since which release (qom/object.c, chardev/char.c,
audio/audio.c): a container has a property `type`, as all objects have."""


def check_names(guest: Guest) -> list[Diagnostic]:
    """An error for each id that QEMU cannot use; code taken-id."""
    diagnostics = []
    types = {device.type for device in guest.devices}
    # Those that offer a bus which is called as the device is.
    offering = {type for type in types if type is not None and "" in type.offers(guest.release)}
    for device in guest.devices:
        taken = _taken_by(guest, device) if device.type in offering else ""
        if taken and device.statement.id is not None:
            message = (
                f"the bus `{device.id}` would meet a property `{device.id}` of `{taken}`, and QEMU aborts"
            )
            diagnostics.append(
                error("taken-id", message, device.statement.id.span, "", "give the device another id")
            )
    for statement in (*guest.description.statements, *guest.description.host):
        if statement.id is None or statement.id.text != "type":
            continue
        since = _CONTAINERS.get(statement.keyword)
        if since is not None and version_key(guest.release) >= version_key(since):
            message = f"QEMU takes no {statement.keyword} with the id `type`"
            diagnostics.append(
                error("taken-id", message, statement.id.span, "", f"give the {statement.keyword} another id")
            )
    return diagnostics


def _taken_by(guest: Guest, device: Device) -> str:
    """The type that has a property of the name of a device's bus; empty when none has."""
    if device.type is None or not device.id or device.id == "type":
        return ""
    owner = guest.catalog.device(_BEHIND.get(device.type.name, device.type.name))
    if owner is None:
        return ""
    names = owner.properties(guest.release)
    taken = device.id in names or device.id in INTERNAL or device.id in owner.parts(guest.release)
    return owner.name if taken else ""
