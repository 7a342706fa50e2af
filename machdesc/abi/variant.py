"""Variants: what a machine type of the user's own says of what QEMU makes without being asked.

What it says of a `device` is written there (`machdesc.abi.version`). The devices that a machine brings
along, the processors, and what QEMU has once can be reached by a `global` alone.
"""

from __future__ import annotations

from machdesc.abi.makeup import makeup_of
from machdesc.abi.onboard import own_types
from machdesc.abi.processor import cpu_type
from machdesc.diagnostic import Diagnostic, error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.model.variant import Entry
    from machdesc.resolve.guest import Guest

_ONCE = ("migration",)
"""Types of devices of which QEMU makes one for itself (migration/migration.c)."""


def machine_globals(guest: Guest) -> list[tuple[str, str, str]]:
    """What reaches the machine's own devices, as (driver, property, value), in order, the last of each."""
    found: dict[tuple[str, str], str] = {}
    drivers = {driver for type in _made(guest) for driver in _drivers(guest, type)}
    for entry in _entries(guest):
        if entry.driver.text in drivers:
            name = entry.driver.text, entry.name
            found.pop(name, None)
            found[name] = entry.text
    return [(*name, text) for name, text in found.items()]


def missing_properties(guest: Guest) -> list[Diagnostic]:
    """The entries that reach a device of the guest, or of the machine, which lacks the property in the
    release: there is no way to set it. Code: property-not-in-release."""
    devices = (device.type.name for device in guest.devices if device.type is not None)
    types = dict.fromkeys((*devices, *_made(guest)))
    diagnostics = []
    for entry in _entries(guest):
        for type in types:
            if entry.driver.text in _drivers(guest, type) and not _has(guest, type, entry):
                message = f"QEMU {guest.release} has no `{entry.name}` of `{type}`, which the guest needs"
                help = "compile for a QEMU that has it, or leave it out for this one"
                diagnostics.append(error("property-not-in-release", message, entry.item.name_span, "", help))
                break
    return diagnostics


def _entries(guest: Guest) -> Iterable[Entry]:
    return (entry for variant in guest.chain for entry in variant.entries)


def _made(guest: Guest) -> tuple[str, ...]:
    """The types that QEMU makes by itself."""
    return (*own_types(guest), cpu_type(guest), *_ONCE)


def _drivers(guest: Guest, type: str) -> list[str]:
    """The names that reach a type: its own, its ancestors', and those of its parts."""
    makeup = makeup_of(guest.catalog, guest.release, type)
    parts = (makeup.own, *makeup.parts, *makeup.realized)
    return [driver for part in parts for driver in part.drivers]


def _has(guest: Guest, type: str, entry: Entry) -> bool:
    makeup = makeup_of(guest.catalog, guest.release, type)
    whole = makeup.own, *makeup.parts, *makeup.realized
    parts = [part for part in whole if entry.driver.text in part.drivers]
    # Of processors and of some others no properties are told; what is not told is not missed.
    return any(entry.name in part.properties or not part.properties for part in parts)
