"""Effective values: what every property of a device has, and where that comes from.

The order is that of QEMU: what the description writes on the device, then what a `global` of it
says, then the last compat property of the device's version, then the default of the release
(hw/core/qdev.c: `device_post_init`, `object_apply_compat_props`, `qdev_prop_set_globals`). A
value by which a device asks QEMU to choose is then derived as QEMU does (`machdesc.abi.derivation`).

Nothing is computed before it is asked for, and what does not depend on the guest is kept.
"""

from __future__ import annotations

from machdesc.abi.derivation import derive
from machdesc.abi.makeup import makeup_of
from machdesc.abi.standing import Standing, device_standing, settings, untold
from machdesc.record import Record
from machdesc.schema.validate import json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.abi.makeup import Makeup
    from machdesc.abi.standing import Setting
    from machdesc.catalog.catalog import Property
    from machdesc.resolve.guest import Device, Guest
    from machdesc.syntax.tree import Span

WRITTEN, COMPAT, DEFAULT, DERIVED, UNKNOWN = ORIGINS = ("written", "compat", "default", "derived", "unknown")
"""Where a value comes from."""


class Effective(Record):
    """The value of one property.

    `name` is `part-type.property` for what only a part of the device has. `value` is of the
    property's kind: true or false, a number (sizes in bytes), a text, a list of numbers; None
    when unknown. `detail` tells in words which compat entry, which release's default, how it was
    derived, or why it is unknown. `span` is where it is written: in the description, or in a machine
    type of the user's own; else None.
    """

    name: str
    value: object
    origin: str
    detail: str
    span: Span | None


def effective(guest: Guest, device: Device, name: str) -> Effective:
    """The effective value of one property of a device, or of a part as `part-type.property`.

    :raises KeyError: when the release knows no such property of the type, or no such type.
    """
    if device.type is None:
        raise KeyError(name)
    base = written(guest, device, name)
    return derive(guest, device, base or unwritten(device_standing(guest, device), device.type.name, name))


def effective_values(guest: Guest, device: Device) -> Mapping[str, Effective]:
    """All of a device, by name: its own, then those that only its parts have; of parts that it makes
    later, those that its version sets."""
    if device.type is None:
        return {}
    makeup = makeup_of(guest.catalog, guest.release, device.type.name)
    standing = device_standing(guest, device)
    names = list(makeup.names())
    for part in makeup.realized:
        set_names = settings(standing, part.drivers)
        names += [f"{part.type}.{name}" for name in set_names if name in part.properties]
    return {name: effective(guest, device, name) for name in names}


def written(guest: Guest, device: Device, name: str) -> Effective | None:
    """What a description writes for a property: on the device, in its address, or as a `global`."""
    if device.type is None:
        return None
    makeup = makeup_of(guest.catalog, guest.release, device.type.name)
    for item in device.statement.properties:
        if item.name == name:
            value = json_value(makeup.property(name), item.value)
            return Effective(name, value, WRITTEN, "on the device", item.span)
    if device.address is not None:
        for key, text in device.address.properties:
            if key == name:
                value = typed(makeup.property(name), text)
                return Effective(name, value, WRITTEN, "as the address", device.address.span)
    return said_globally(guest, makeup, name)


def said_globally(guest: Guest, makeup: Makeup, name: str) -> Effective | None:
    """What the last `global` says that reaches a device, or else one that reaches the part whose
    property it shows."""
    statements = guest.description.all("global")
    for drivers, key in makeup.reaching(name) if statements else ():
        for statement in reversed(statements):
            if statement.head is not None and statement.head.text in drivers:
                for item in statement.properties:
                    if item.name == key:
                        value = json_value(makeup.property(name), item.value)
                        return Effective(name, value, WRITTEN, f"global of {statement.head.text}", item.span)
    return None


def unwritten(standing: Standing, type: str, name: str) -> Effective:
    """What a property of a type has in a standing when nobody writes it, before it is derived.

    :raises KeyError: when the release knows no such property.
    """
    values = _unwritten.get((standing, type))
    if values is None:
        values = _unwritten[standing, type] = {}
    found = values.get(name)
    if found is None:
        found = values[name] = _find_unwritten(standing, type, name)
    return found


def _find_unwritten(standing: Standing, type: str, name: str) -> Effective:
    release = standing.release
    makeup = makeup_of(standing.catalog, release, type)
    known = makeup.property(name)
    if known is None:
        raise KeyError(name)
    lacking, setting = untold(standing), deciding(standing, type, name)
    if lacking and (setting is None or setting.span is None):
        why = f"no known QEMU tells the compat properties of {lacking}"
        return Effective(name, None, UNKNOWN, why, None)
    if setting is not None:
        return Effective(name, typed(known, setting.text), COMPAT, _compat_detail(setting), setting.span)
    if known.default is not None:
        return Effective(name, known.default, DEFAULT, f"default of QEMU {release}", None)
    if known.qemu in ("str", "string") or known.qemu.startswith("link<"):
        return Effective(name, "", DEFAULT, f"empty in QEMU {release}", None)
    return Effective(name, None, UNKNOWN, f"QEMU {release} does not tell its default", None)


def deciding(standing: Standing, type: str, name: str) -> Setting | None:
    """The compat property that decides the unwritten value; None where none does."""
    for drivers, key in makeup_of(standing.catalog, standing.release, type).reaching(name):
        setting = settings(standing, drivers).get(key)
        if setting is not None:
            return setting
    return None


def _compat_detail(setting: Setting) -> str:
    what = f"compat property of {setting.machine} for {setting.driver}"
    return what if setting.span is not None else f"{what}, as QEMU {setting.told} tells it"


def is_same(old: Effective, new: Effective) -> bool:
    """Whether two known values are the same for QEMU, where `on` may stand for true."""
    return _plain(old.value) == _plain(new.value)


def _plain(value: object) -> object:
    return {"on": True, "off": False}.get(value, value) if isinstance(value, str) else value


def typed(known: Property | None, text: str) -> object:
    """A text of a compat property or an address as a value of the property's kind."""
    kind = known.kind if known is not None else "any"
    if kind == "bool":
        return text in ("on", "true", "yes", "y")
    if kind in ("int", "size") and len(text) <= _LONGEST_NUMBER:
        try:
            return int(text, 0)
        except ValueError:
            return text
    return text


_LONGEST_NUMBER = 66
"""Characters of 64 bits in binary, with `0b`: no number of QEMU's has more."""

_unwritten: dict[tuple[Standing, str], dict[str, Effective]] = {}
