"""Globals: which of them differ, and what they reach.

A `global` reaches every device of its type and of the types that descend from it, those of the
machine and the parts of devices included (qdev_prop_set_globals in hw/core/qdev-properties.c).
"""

from __future__ import annotations

from machdesc.abi.makeup import makeup_of
from machdesc.check.difference import Difference, differ
from machdesc.check.part.value import same_value, written_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.abi.standing import Standing
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property

    Name = tuple[str, str]


_NO_DEVICES = ("migration",)
"""What takes globals and is no device: how states are saved (migration/options.c)."""


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
    changed = [name for name in dict.fromkeys((*before, *after)) if texts[0].get(name) != texts[1].get(name)]
    return [*changed, *(name for name in _reordered(before, after) if name not in changed)]


def _reordered(before: dict[Name, Property], after: dict[Name, Property]) -> list[Name]:
    """The globals of one property that several drivers have, where they stand in another order: of those that
    reach a device the last one counts (qdev_prop_set_globals in hw/core/qdev-properties.c)."""
    if list(before) == list(after):
        return []
    orders = [
        {name: [driver for driver, other in side if other == name] for _, name in side}
        for side in (before, after)
    ]
    return [
        (driver, name)
        for name, drivers in orders[1].items()
        if len(drivers) > 1 and drivers != orders[0].get(name)
        for driver in drivers
    ]


def kind_of_property(under: Guest | Standing, type: str, name: str) -> str:
    """The kind of a property of a device or CPU type, `PART.PROPERTY` included; empty for one not known."""
    known = makeup_of(under.catalog, under.release, type).property(name)
    return known.kind if known is not None else ""


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
    """Globals that reach nothing that is known of: no described device, no processor, none of the devices
    that the machine brings along. What they change in these is found with them. Where all that a machine
    brings along is known, such globals change nothing, but for those of what is no device."""
    from machdesc.abi.onboard import OTHERS, own_types
    from machdesc.abi.processor import cpu_type

    changed = changed_globals(old, new)
    families = {guest.machine.family for guest in (old, new) if guest.machine is not None}
    if families <= set(OTHERS):
        changed = [(driver, name) for driver, name in changed if driver in _NO_DEVICES]
    if not changed:
        return
    described = [device.type.name for device in new.devices if device.type is not None]
    reached = {
        driver
        for type in (*described, cpu_type(new), *own_types(old), *own_types(new))
        for makeup in (makeup_of(new.catalog, new.release, type),)
        for part in (makeup.own, *makeup.parts, *makeup.realized)
        for driver in part.drivers
    }
    before, after = globals_of(old), globals_of(new)
    for driver, name in changed:
        if driver not in reached:
            items = before.get((driver, name)), after.get((driver, name))
            texts = [written_text(item.value) if item is not None else "" for item in items]
            if same_value(*texts):
                continue
            spans = [item.span if item is not None else None for item in items]
            doubt = ""
            if driver not in _NO_DEVICES:
                doubt = f"no `{driver}` is described, but the machine brings devices along that are not known"
            what = f"`{name}` of `{driver}`"
            yield differ("built-in-device", "machine", what, texts, spans, doubt, driver, name)
