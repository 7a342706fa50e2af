"""Couples: which of the old devices is which of the new ones.

Devices are paired by id, and what is left over by type and place. Ids that were only exchanged, so that
the devices are the same as before, each at its place, are the host's business as all ids are.
"""

from __future__ import annotations

from machdesc.check.part.value import heading
from machdesc.syntax.tree import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest
    from machdesc.syntax.tree import Span

    Couple = tuple[Device, Device]
    Place = tuple[str, str, tuple[tuple[str, str], ...]]


def pair_devices(old: Guest, new: Guest) -> tuple[list[Couple], list[Device], list[Device]]:
    """The devices of both sides in pairs, those that are gone, and those that are new."""
    by_id = {device.id: device for device in new.devices if device.id}
    couples, left = [], []
    for device in old.devices:
        other = by_id.pop(device.id, None) if device.id else None
        if other is not None:
            couples.append((device, other))
        else:
            left.append(device)
    couples = _unexchanged(couples)
    free = [device for device in new.devices if not device.id or device.id in by_id]
    if not left or not free:
        return couples, left, free
    gone: list[Device] = []
    waiting: dict[tuple[str, Place | None], list[Device]] = {}
    for device in reversed(free):  # the first one of a place is taken off the end
        waiting.setdefault((type_name(device), place(device, {})), []).append(device)
    # A device on a bus of a renamed one is in the same place only once that one has its pair.
    ids = new_ids(couples)
    for device in left:
        others = waiting.get((type_name(device), place(device, ids)))
        if not others:
            gone.append(device)
            continue
        other = others.pop()
        couples.append((device, other))
        ids |= new_ids([(device, other)])
    rest = {id(device) for others in waiting.values() for device in others}
    return couples, gone, [device for device in free if id(device) in rest]


def _unexchanged(couples: list[Couple]) -> list[Couple]:
    """The couples, those of exchanged ids by their places. Where a bridge is among them, what is behind it
    has moved only once it has its pair."""
    ids: dict[str, str] = {}
    while True:
        moved = [couple for couple in couples if not _has_stayed(*couple, ids)]
        if len(moved) < 2:
            return couples
        there = {(type_name(after), place(after, {})): after for _, after in moved}
        partners = {
            id(before): partner
            for before, _ in moved
            if (partner := there.get((type_name(before), place(before, ids)))) is not None
            and before.version == partner.version
            and same(before.statement.block, partner.statement.block)
        }
        # Only where all of them change places among themselves; else some are moved indeed.
        taken = {id(partner) for partner in partners.values()}
        if not partners or taken != {id(after) for before, after in moved if id(before) in partners}:
            return couples
        couples = [(before, partners.get(id(before), after)) for before, after in couples]
        ids = new_ids(couples)


def _has_stayed(before: Device, after: Device, ids: dict[str, str]) -> bool:
    mine, theirs = before.address, after.address
    if mine is None or theirs is None or not mine.unit or not theirs.unit:
        return True
    if not ids:
        return mine.properties == theirs.properties and mine.bus.name == theirs.bus.name
    return place(before, ids) == place(after, {})


def new_ids(couples: list[Couple]) -> dict[str, str]:
    """What the old devices are called now, by their old ids."""
    return {before.id: after.id for before, after in couples if before.id}


def called_now(old: Guest, new: Guest, before: str, after: str) -> str:
    """What a device that the old side calls `before` is called on the new side; not looked up where that is
    what the new side says, `after`."""
    return before if before == after else new_ids(pair_devices(old, new)[0]).get(before, before)


def place(device: Device, ids: dict[str, str]) -> Place | None:
    """Where a device is: the id of the bus's owner on the new side, the rest of the bus's name, and
    the address on it. None for one that has no address."""
    if device.address is None:
        return None
    bus = device.address.bus
    rest = bus.name.removeprefix(bus.owner) if bus.owner else bus.name
    return ids.get(bus.owner, bus.owner), rest, device.address.properties


def title(device: Device) -> str:
    """What a finding calls a device: its id, or its type."""
    return device.id or type_name(device)


def type_name(device: Device) -> str:
    """The type of a device; the word that is written where nobody knows it."""
    if device.type is not None:
        return device.type.name
    return device.statement.head.text if device.statement.head is not None else ""


def spans_of(before: Device, after: Device) -> tuple[Span | None, Span | None]:
    """Where both sides say what the device is."""
    return heading(before.statement), heading(after.statement)
