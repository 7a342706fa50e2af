"""Versions of devices: what to write out so that a device shows the ABI of another version.

QEMU gives a device's version no name of its own: a device under a machine type has the values that
the type's compat properties set. So a device at version V under a machine of version M differs by
the properties whose unwritten values differ between the two, and these are written: on the device
where it has the property, else as a `global` for the part that has it. A `global` reaches every
device with that part; those that want another value get theirs written, if they have the property
themselves.
"""

from __future__ import annotations

from machdesc.abi.effective import DEFAULT, UNKNOWN, unwritten, written
from machdesc.abi.makeup import makeup_of
from machdesc.abi.standing import Standing, bare_standing, device_standing, untold
from machdesc.diagnostic import Diagnostic, error
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.resolve.guest import Device, Guest

    Pairs = list[tuple[str, str]]


class Versions(Record):
    """What is to be written: on devices, by their number in the guest, as (property, value);
    and as globals, (driver, property, value), where only a part of a device has the property."""

    devices: Mapping[int, tuple[tuple[str, str], ...]]
    globals: tuple[tuple[str, str, str], ...]


class _Need(Record):
    """A global that some devices need: its value, and their numbers."""

    value: str
    devices: list[int]


def write_versions(guest: Guest) -> tuple[Versions, list[Diagnostic]]:
    """All that the versions of devices need beyond what the description says.

    Codes: version-untold, property-not-in-release, default-untold, global-conflict.
    """
    diagnostics: list[Diagnostic] = []
    if guest.machine is None:
        return Versions({}, ()), []
    pairs: dict[int, Pairs] = {}
    needs: dict[tuple[str, str], _Need] = {}
    own = bare_standing(guest)
    if guest.chain:
        from machdesc.abi.variant import machine_globals, missing_properties

        diagnostics += missing_properties(guest)
        needs = {(driver, key): _Need(text, []) for driver, key, text in machine_globals(guest)}
    for number, device in enumerate(guest.devices):
        standing = device_standing(guest, device)
        if device.type is None or standing == own:
            continue
        if standing.machine != own.machine and (untold(standing) or untold(own)):
            diagnostics.append(_untold_version(guest, device, standing))
            continue
        for name, text in _differences(guest, device, own, standing, diagnostics):
            driver, _, key = name.rpartition(".")
            if name in device.type.properties(guest.release):
                pairs.setdefault(number, []).append((name, text))
            else:
                need = needs.setdefault((driver, key), _Need(text, []))
                if need.value != text:
                    diagnostics.append(_conflict(guest, device, need, driver, key))
                need.devices.append(number)
    for (driver, key), need in needs.items():
        _shield(guest, driver, key, need, pairs, diagnostics)
    globals_ = tuple((driver, key, need.value) for (driver, key), need in needs.items())
    return Versions({number: tuple(found) for number, found in pairs.items()}, globals_), diagnostics


def _differences(
    guest: Guest, device: Device, own: Standing, standing: Standing, diagnostics: list[Diagnostic]
) -> Pairs:
    """The properties that QEMU would set otherwise under the machine, with the values to set."""
    # Most guests have one version for all.
    from machdesc.abi.change import standing_changes

    assert device.type is not None
    makeup = makeup_of(guest.catalog, guest.release, device.type.name)
    pairs: Pairs = []
    for name in standing_changes(device.type.name, own, standing):
        if written(guest, device, name) is not None:
            continue
        if makeup.property(name) is None:
            diagnostics.append(_not_in_release(guest, device, name))
            continue
        found = unwritten(standing, device.type.name, name)
        if found.origin == UNKNOWN or (found.origin == DEFAULT and found.value == ""):
            # A text that is not set is another thing than an empty one.
            diagnostics.append(_untold_default(device, name))
        else:
            pairs.append((name, option_text(found.value)))
    return pairs


def _shield(
    guest: Guest,
    driver: str,
    key: str,
    need: _Need,
    pairs: dict[int, Pairs],
    diagnostics: list[Diagnostic],
) -> None:
    """Keeps a global from the devices that it reaches and that want another value."""
    for number, device in enumerate(guest.devices):
        if device.type is None or number in need.devices:
            continue
        makeup = makeup_of(guest.catalog, guest.release, device.type.name)
        reached = any(driver in part.drivers for part in (makeup.own, *makeup.parts, *makeup.realized))
        name = key if key in makeup.own.properties else f"{driver}.{key}"
        if not reached or written(guest, device, name) is not None:
            continue
        if any(name == other for other, _ in pairs.get(number, ())):
            continue
        wanted = unwritten(device_standing(guest, device), device.type.name, name)
        if wanted.origin != UNKNOWN and option_text(wanted.value) == need.value:
            continue
        if wanted.origin == UNKNOWN or name != key:
            diagnostics.append(_conflict(guest, device, need, driver, key))
        else:
            pairs.setdefault(number, []).append((key, option_text(wanted.value)))


def option_text(value: object) -> str:
    """A value as QEMU reads it on a command line."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _untold_version(guest: Guest, device: Device, standing: Standing) -> Diagnostic:
    message = (
        f"no known QEMU tells what devices do under both `{guest.machine_name}` and `{standing.machine}`"
    )
    span = (device.statement.version or device.statement).span
    help = "choose a version whose machine type QEMU 9.1 or later has"
    return error("version-untold", message, span, "", help)


def _not_in_release(guest: Guest, device: Device, name: str) -> Diagnostic:
    message = f"QEMU {guest.release} has no `{name}`, which `{device.id}` needs to be as in {device.version}"
    span = (device.statement.version or device.statement).span
    return error("property-not-in-release", message, span, "", "choose a version that this QEMU knows")


def _untold_default(device: Device, name: str) -> Diagnostic:
    message = f"`{device.id}` at {device.version} has QEMU's default of `{name}`, which QEMU does not tell"
    span = (device.statement.version or device.statement).span
    return error("default-untold", message, span, "", f"write `{name}` in the block")


def _conflict(guest: Guest, device: Device, need: _Need, driver: str, name: str) -> Diagnostic:
    other = guest.devices[need.devices[0]].id if need.devices else guest.abi_name
    message = f"`{device.id}` and `{other}` need two values of `{driver}.{name}`, which QEMU has once"
    return error("global-conflict", message, device.statement.span, "", "give both the same version")
