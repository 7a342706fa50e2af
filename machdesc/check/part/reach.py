"""Globals: which of them differ, what they reach in a described device, and what they change in others.

A `global` reaches every device of its type and of the types that descend from it, those of the
machine and the parts of devices included (qdev_prop_set_globals in hw/core/qdev-properties.c).
"""

from __future__ import annotations

from machdesc.abi.effective import unwritten
from machdesc.abi.makeup import makeup_of
from machdesc.abi.processor import cpu_type
from machdesc.abi.standing import machine_standing
from machdesc.check.difference import Difference, differ
from machdesc.check.part.value import same_effect, same_value, shown, written_text
from machdesc.schema.validate import json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property

    Name = tuple[str, str]


def globals_of(guest: Guest) -> dict[Name, Property]:
    """The description's own globals by driver and property; the last one counts."""
    return {
        (statement.head.text, item.name): item
        for statement in guest.description.all("global")
        if statement.head is not None
        for item in statement.properties
    }


def changed_globals(old: Guest, new: Guest) -> list[Name]:
    """The drivers and properties of which the globals of two guests say something else."""
    before, after = globals_of(old), globals_of(new)
    if not before and not after:
        return []
    texts = [{name: written_text(item.value) for name, item in side.items()} for side in (before, after)]
    return [
        name
        for name in dict.fromkeys((*before, *after))
        if name not in before or name not in after or not same_value(texts[0][name], texts[1][name])
    ]


def reached_names(guest: Guest, type: str, changed: list[Name]) -> list[str]:
    """The properties of a type, and `part-type.property` of its parts, that globals reach."""
    makeup = makeup_of(guest.catalog, guest.release, type)
    own = makeup.own.properties
    names = dict.fromkeys(
        name
        for driver, name in changed
        if name in own and any(driver in part.drivers for part in (makeup.own, *makeup.parts))
    )
    for part in (*makeup.parts, *makeup.realized):
        hidden = () if part in makeup.realized else own
        for driver, name in changed:
            if driver in part.drivers and name in part.properties and name not in hidden:
                names[f"{part.type}.{name}"] = None
    return list(names)


def compare_globals(old: Guest, new: Guest) -> Iterable[Difference]:
    """What globals change in devices that the machine brings along, or that nothing is known of.

    What they change in described devices and in the processors is found with these.
    """
    changed = changed_globals(old, new)
    if not changed:
        return
    machine = new.machine
    types = sorted(set(machine.facts(new.release).builtin.values())) if machine is not None else []
    known = [device.type.name for device in new.devices if device.type is not None]
    described = {
        driver
        for type in (*known, cpu_type(new))
        for makeup in (makeup_of(new.catalog, new.release, type),)
        for part in (makeup.own, *makeup.parts, *makeup.realized)
        for driver in part.drivers
    }
    before, after = globals_of(old), globals_of(new)
    for driver, name in changed:
        items = before.get((driver, name)), after.get((driver, name))
        spans = [item.span if item is not None else None for item in items]
        own = [type for type in types if driver in (type, *new.catalog.ancestors(type, new.release))]
        for type in own:
            values = _value(old, type, name, items[0]), _value(new, type, name, items[1])
            if values[0] is None or not same_effect(name, *values):
                shown_values = shown(values[0]), shown(values[1])
                what = f"`{name}` of its own `{type}`"
                yield differ("built-in-device", "machine", what, shown_values, spans, "", type, name)
        if not own and driver not in described:
            texts = [written_text(item.value) if item is not None else "" for item in items]
            doubt = f"no `{driver}` is described, but the machine may bring one along"
            what = f"`{name}` of `{driver}`"
            yield differ("built-in-device", "machine", what, texts, spans, doubt, driver, name)


def _value(guest: Guest, type: str, name: str, item: Property | None) -> object:
    """What a property of one of the machine's own devices has; None when that is not known."""
    known = makeup_of(guest.catalog, guest.release, type).property(name)
    if item is not None:
        return json_value(known, item.value)
    try:
        return unwritten(machine_standing(guest), type, name).value
    except KeyError:
        return None
