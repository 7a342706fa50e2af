"""Versions of devices: what to write out so that a device shows the ABI of another version.

QEMU gives a device's version no name of its own: a machine type carries compat properties, and
a device under it has the values that they set (hw/core/qdev-properties.c: globals are applied
in the order of the list, the last one wins). So a device at version V under a machine of
version M differs by the properties to which the lists of both set different values.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.record import Record
from machdesc.resolve.guest import Device, Guest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Entry = tuple[str, str, str]


class Versions(Record):
    """What is to be written: on devices, by their number in the guest, as (property, value);
    and as globals, (driver, property, value), where only a part of a device has the property."""

    devices: Mapping[int, tuple[tuple[str, str], ...]]
    globals: tuple[tuple[str, str, str], ...]


def write_versions(guest: Guest) -> tuple[Versions, list[Diagnostic]]:
    """All that the versions of devices need beyond what the description says."""
    diagnostics: list[Diagnostic] = []
    if guest.machine is None:
        return Versions({}, ()), []
    family = guest.machine.family
    written: dict[int, tuple[tuple[str, str], ...]] = {}
    needs: dict[tuple[str, str], tuple[str, Device]] = {}
    asking: dict[str, set[int]] = {}
    for number, device in enumerate(guest.devices):
        version = f"{family}-{device.version}" if device.version else guest.machine_name
        if device.type is None or version == guest.machine_name:
            continue
        lists = _compat_lists(guest, version)
        if lists is None:
            span = (device.statement.version or device.statement).span
            diagnostics.append(
                error(
                    "version-untold",
                    f"no known QEMU tells what devices do under both `{guest.machine_name}` and `{version}`",
                    span,
                    "",
                    "choose a version whose machine type QEMU 9.1 or later has",
                )
            )
            continue
        pairs, parts = _differences(guest, device, *lists, diagnostics)
        if pairs:
            written[number] = tuple(pairs)
        for driver, name, value in parts:
            asking.setdefault(driver, set()).add(number)
            before = needs.setdefault((driver, name), (value, device))
            if before[0] != value:
                _conflict(device, before[1], driver, name, diagnostics)
    _check_sharing(guest, needs, asking, diagnostics)
    return Versions(written, tuple((d, n, v) for (d, n), (v, _) in needs.items())), diagnostics


def _compat_lists(guest: Guest, version: str) -> tuple[Iterable[Entry], Iterable[Entry]] | None:
    """The compat lists of the machine and of the version, by the newest release that tells both."""
    for release in reversed(guest.catalog.releases):
        own = guest.catalog.compat(guest.machine_name, release)
        other = guest.catalog.compat(version, release)
        if own is not None and other is not None:
            return own, other
    return None


def _differences(
    guest: Guest,
    device: Device,
    own: Iterable[Entry],
    other: Iterable[Entry],
    diagnostics: list[Diagnostic],
) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """Properties to write on the device, and globals for its parts."""
    assert device.type is not None
    release, catalog = guest.release, guest.catalog
    known = device.type.properties(release)
    said = {item.name for item in device.statement.properties}
    drivers = {device.type.name, *device.type.parents(release)}
    parts = sorted(
        {p for p in device.type.parts(release).values() if "device" in catalog.ancestors(p, release)}
    )
    pairs: list[tuple[str, str]] = []
    extra: list[tuple[str, str, str]] = []
    for name, value in _changed(own, other, drivers):
        if name in known and name not in said:
            text = value if value is not None else default_text(known[name].default)
            if text is None:
                _untold(device, name, diagnostics)
            else:
                pairs.append((name, text))
    for part in parts:
        above = {part, *catalog.ancestors(part, release)} - drivers
        schema = catalog.device(part)
        of_part = schema.properties(release) if schema is not None else {}
        for name, value in _changed(own, other, above):
            if name in said or any(name == pair[0] for pair in pairs):
                continue
            entry = known.get(name) or of_part.get(name)
            if entry is None:
                continue
            text = value if value is not None else default_text(entry.default)
            if text is None:
                _untold(device, name, diagnostics)
            elif name in known:
                pairs.append((name, text))
            else:
                extra.append((part, name, text))
    return pairs, extra


def _changed(own: Iterable[Entry], other: Iterable[Entry], drivers: set[str]) -> list[tuple[str, str | None]]:
    """The properties that two lists set differently for some drivers, with the other's value.

    None stands for the default, when the other list does not set it.
    """
    mine = {name: value for driver, name, value in own if driver in drivers}
    theirs = {name: value for driver, name, value in other if driver in drivers}
    names = [*theirs, *(name for name in mine if name not in theirs)]
    return [(name, theirs.get(name)) for name in names if theirs.get(name) != mine.get(name)]


def default_text(default: object) -> str | None:
    """A default as QEMU reads it on a command line; None when QEMU does not tell it."""
    if isinstance(default, bool):
        return "on" if default else "off"
    return None if default is None else str(default)


def _check_sharing(
    guest: Guest,
    needs: dict[tuple[str, str], tuple[str, Device]],
    asking: dict[str, set[int]],
    diagnostics: list[Diagnostic],
) -> None:
    """A global reaches all devices with the part; those that did not ask for it must not have it."""
    for (driver, name), (_, asked) in needs.items():
        for number, device in enumerate(guest.devices):
            if device.type is None or number in asking[driver]:
                continue
            reached = (device.type.name, *device.type.parts(guest.release).values())
            if driver in reached:
                _conflict(device, asked, driver, name, diagnostics)


def _conflict(device: Device, other: Device, driver: str, name: str, diagnostics: list[Diagnostic]) -> None:
    diagnostics.append(
        error(
            "global-conflict",
            f"`{device.id}` and `{other.id}` need two values of `{driver}.{name}`, which QEMU has once",
            device.statement.span,
            "",
            "give both the same version",
        )
    )


def _untold(device: Device, name: str, diagnostics: list[Diagnostic]) -> None:
    diagnostics.append(
        error(
            "default-untold",
            f"`{device.id}` at {device.version} has QEMU's default of `{name}`, which QEMU does not tell",
            (device.statement.version or device.statement).span,
            "",
            f"write `{name}` in the block",
        )
    )
