"""Saved states: whether the sections of a guest's devices fit the other release's layouts.

Compared are the types that both sides have: devices, the parts that they create, and the machine's own
ones. CPUs, memory and what has no description are in no layout.
"""

from __future__ import annotations

from machdesc.abi.makeup import makeup_of
from machdesc.abi.onboard import own_types
from machdesc.catalog.layout import read_layouts
from machdesc.check.difference import Difference, differ
from machdesc.check.layout import CERTAIN, find_obstacles
from machdesc.check.part.machine import machine_span
from machdesc.check.part.value import heading
from machdesc.check.saved_field import UNSAVED, is_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from machdesc.catalog.layout import Layouts
    from machdesc.check.layout import Obstacle
    from machdesc.resolve.guest import Device, Guest

    Owners = dict[str, tuple[Device | None, ...]]

FORWARDS, BACKWARDS, UNTOLD = "forwards", "backwards", "untold"
"""The name of a difference: the state goes from old to new, the way back, or a layout is missing. When
the obstacle is met stands behind it: `forwards certain`."""


def compare_saved_states(old: Guest, new: Guest) -> Iterator[Difference]:
    """All that keeps the sections of one release from loading in another, and what would on the way back."""
    releases, spans = (old.release, new.release), (machine_span(old), machine_span(new))
    mine, theirs = read_layouts(old.catalog, old.release), read_layouts(new.catalog, new.release)
    if mine is None or theirs is None:
        lacking = " and ".join(
            f"QEMU {release}"
            for release, found in zip(releases, (mine, theirs), strict=True)
            if found is None
        )
        what = (
            f"the catalog holds no layout of the states of {lacking}; harvest it again to have them compared"
        )
        yield differ("saved-state", "machine", what, releases, spans, name=UNTOLD)
        return
    before, after = _owners(old), _owners(new)
    for type in sorted(before.keys() & after.keys()):
        forwards = [o for o in _obstacles(type, mine, theirs) if _is_met(o, type, old, new, before, after)]
        for obstacle in forwards:
            yield _difference(FORWARDS, type, obstacle, (old, new), (before, after), mine)
        for obstacle in _obstacles(type, theirs, mine):
            # Of the way back only what is certain, unless that is told of the way there.
            if obstacle.when == CERTAIN and not any(o.when == CERTAIN for o in forwards):
                yield _difference(BACKWARDS, type, obstacle, (old, new), (before, after), theirs)


def _obstacles(type: str, by: Layouts, into: Layouts) -> list[Obstacle]:
    """What is in the way of a type's section; nothing for one that the first release does not save."""
    saved, loaded = by.section(type), into.section(type)
    if saved is None or loaded is None:
        return []
    if type in UNSAVED:
        saved = saved._replace(fields=None)
    return find_obstacles(saved, by, loaded, into)


def _is_met(obstacle: Obstacle, type: str, old: Guest, new: Guest, before: Owners, after: Owners) -> bool:
    """Whether an obstacle may be met: not when all of its fields are known to be left out by both."""
    sides = ((old, before[type]), (new, after[type]))
    return not obstacle.fields or any(
        is_there(guest, device, type, field) is not False
        for field in obstacle.fields
        for guest, devices in sides
        for device in devices
    )


def _difference(
    way: str,
    type: str,
    obstacle: Obstacle,
    guests: tuple[Guest, Guest],
    owners: tuple[Owners, Owners],
    by: Layouts,
) -> Difference:
    """One difference for a type; its subject is the first device that has it."""
    old, new = guests
    sides = [side[type] for side in owners]
    description = by.section(type)
    section = description.name if description is not None else ""
    spans = [
        heading(devices[0].statement) if devices[0] is not None else machine_span(guest)
        for guest, devices in zip(guests, sides, strict=True)
    ]
    device = sides[1][0]
    subject = "machine" if device is None else device.id or type
    what = f"the section `{section}` that QEMU {by.release} saves of `{type}`: {obstacle.text}"
    texts = (old.release, new.release)
    return differ("saved-state", subject, what, texts, spans, type=type, name=f"{way} {obstacle.when}")


def _owners(guest: Guest) -> Owners:
    """The types that may save a section, each with the devices that have it; None is the machine."""
    found: Owners = {}
    for device in guest.devices:
        if device.type is not None:
            makeup = makeup_of(guest.catalog, guest.release, device.type.name)
            for part in (makeup.own, *makeup.parts, *makeup.realized):
                found[part.type] = (*found.get(part.type, ()), device)
    for type in own_types(guest):
        found.setdefault(type, (None,))
    return found
