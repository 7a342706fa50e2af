"""Devices: which of the old ones is which of the new ones, and what differs between the two.

Devices are paired by id, and what is left over by type and place. Their order means nothing but
where QEMU chooses addresses, and for bridges, which the ACPI tables name in that order.
"""

from __future__ import annotations

from machdesc.abi.derivation import FAMILIES
from machdesc.abi.effective import Effective, effective
from machdesc.abi.makeup import makeup_of
from machdesc.abi.standing import device_standing
from machdesc.check.difference import Difference, differ
from machdesc.check.part.back_end import compare_reference
from machdesc.check.part.reach import changed_globals, reached_names
from machdesc.check.part.value import (
    heading,
    properties_of,
    same_effect,
    same_text,
    shown,
    value_without,
    written_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.catalog.catalog import DeviceType
    from machdesc.check.part.reach import Name
    from machdesc.resolve.guest import Address, Device, Guest
    from machdesc.syntax.tree import Property, Span

    Items = tuple[Property | None, Property | None]
    Couples = dict[int, tuple[Device, Device]]

_ADDRESS_RULES = {
    "PCI": "pci-address",
    "SCSI": "scsi-address",
    "usb-bus": "usb-address",
    "IDE": "ide-address",
    "virtio-serial-bus": "serial-address",
}

_FROM_PROCESSORS = ("num-queues", "num_queues", "vectors")
"""Properties that QEMU chooses by the number of processors, or by one of the others."""

_FROM_MEMORY = ("unplugged-inaccessible",)
"""Properties that QEMU chooses by the memory behind a device."""

_BY_MEMORY = "virtio-mem"
"""What the types that have these begin with."""

_IN_HOST = ("netdev", "block", "tpmdev")
"""What properties refer to that only `host` describes."""

_DEVICES = ("cxl-upstream", "ipmi-bmc", "nvme-subsys")
"""What properties refer to that name another device."""

_NAMING_BUSES = ("masterbus",)
"""Properties that name a bus, which is called after the device that has it."""


def compare_devices(old: Guest, new: Guest) -> Iterable[Difference]:
    """All that differs in the devices."""
    couples, gone, come = pair_devices(old, new)
    for device in gone:
        span = heading(device.statement)
        yield Difference("device-removed", title(device), "the device", _type(device), "", span, None)
    for device in come:
        span = heading(device.statement)
        yield Difference("device-added", title(device), "the device", "", _type(device), None, span)
    owners = {before.id: after.id for before, after in couples if before.id}
    renamed = any(before.id != after.id for before, after in couples)
    same_processors = same_text(old.description.one("cpu"), new.description.one("cpu"))
    if not same_processors:
        from machdesc.abi.topology import cpu_count

        same_processors = cpu_count(old) == cpu_count(new)
    globals_ = changed_globals(old, new)
    hosts = old.description.host, new.description.host
    same_hosts = len(hosts[0]) == len(hosts[1]) and all(map(same_text, *hosts))
    same_around = same_processors and same_hosts and not globals_
    for before, after in couples:
        if renamed or before.address is None or not _are_same(before.address, after.address):
            yield from _address(before, after, owners)
        if before.type is None or after.type is None:
            continue
        if before.type.name != after.type.name:
            texts = _type(before), _type(after)
            yield differ("device-type", title(after), "the type", texts, _spans(before, after))
            continue
        same_statements = same_text(before.statement, after.statement)
        chosen = after.type.name.startswith(_BY_MEMORY)
        if same_statements and same_around and not chosen and _stand_alike(old, new, before, after):
            continue
        same = same_statements, same_processors, same_hosts
        yield from _properties(old, new, before, after, same, globals_, owners)
    yield from _unplaced(old, new, couples)
    yield from _bridges(old, new, couples)


def pair_devices(old: Guest, new: Guest) -> tuple[list[tuple[Device, Device]], list[Device], list[Device]]:
    """The devices of both sides in pairs, those that are gone, and those that are new."""
    by_id = {device.id: device for device in new.devices if device.id}
    couples, left = [], []
    for device in old.devices:
        other = by_id.pop(device.id, None) if device.id else None
        if other is not None:
            couples.append((device, other))
        else:
            left.append(device)
    free = [device for device in new.devices if not device.id or device.id in by_id]
    if not left or not free:
        return couples, left, free
    gone = []
    # A device on a bus of a renamed one is in the same place only once that one has its pair.
    for device in left:
        owners = {before.id: after.id for before, after in couples if before.id}
        place = _place(device, owners)
        other = next((d for d in free if _type(d) == _type(device) and _place(d, {}) == place), None)
        if other is None:
            gone.append(device)
        else:
            couples.append((device, other))
            free.remove(other)
    return couples, gone, free


def title(device: Device) -> str:
    """What a finding calls a device: its id, or its type."""
    return device.id or _type(device)


def _type(device: Device) -> str:
    if device.type is not None:
        return device.type.name
    return device.statement.head.text if device.statement.head is not None else ""


def _spans(before: Device, after: Device) -> tuple[Span | None, Span | None]:
    return heading(before.statement), heading(after.statement)


def _place(device: Device, owners: dict[str, str]) -> tuple[str, str, tuple[tuple[str, str], ...]] | None:
    """Where a device is: the id of the bus's owner on the new side, the rest of the bus's name, and
    the address on it. None for one that has no address."""
    if device.address is None:
        return None
    bus = device.address.bus
    rest = bus.name.removeprefix(bus.owner) if bus.owner else bus.name
    return owners.get(bus.owner, bus.owner), rest, device.address.properties


def _are_same(old: Address, new: Address | None) -> bool:
    """Whether two addresses are the same where no bus has another name."""
    return new is not None and old.bus.name == new.bus.name and old.properties == new.properties


def _address(before: Device, after: Device, owners: dict[str, str]) -> Iterable[Difference]:
    if before.address is after.address is None:
        return
    if _place(before, owners) == _place(after, {}):
        return
    sides = before.address, after.address
    texts = [f"{side.bus.name}/{side.unit}".removesuffix("/") if side is not None else "" for side in sides]
    spans = [side.span if side is not None else None for side in sides]
    bus = next(side.bus.type for side in sides if side is not None)
    rule = next((r for kind, r in _ADDRESS_RULES.items() if bus.upper().startswith(kind.upper())), "")
    if bus in ("PCIE", "CXL"):
        rule = "pci-address"
    placed = all(side is not None and side.unit for side in sides)
    doubt = "" if placed else "QEMU chooses where it is when nothing is written"
    yield differ(rule or "bus-address", title(after), "the address", texts, spans, doubt)


def _properties(
    old: Guest,
    new: Guest,
    before: Device,
    after: Device,
    same: tuple[bool, bool, bool],
    globals_: list[Name],
    owners: dict[str, str],
) -> Iterable[Difference]:
    """The properties of one pair whose effective values differ. `same` says whether the statements, the
    processors and the host's blocks are the same on both sides, `globals_` are those that changed."""
    same_statements, same_processors, same_hosts = same
    standing = _stand_alike(old, new, before, after)
    assert after.type is not None
    names: dict[str, None] = {}
    own = False
    if not same_statements:
        mine, theirs = properties_of(before.statement), properties_of(after.statement)
        makeup = makeup_of(new.catalog, new.release, after.type.name)
        for name in dict.fromkeys((*mine, *theirs)):
            items = mine.get(name), theirs.get(name)
            known = makeup.property(name)
            alike = standing and _say_the_same(*items)
            if known is None or not known.refers:
                own = True
                if not alike or name in FAMILIES:
                    names[name] = None
            elif known.refers in _DEVICES:
                yield from _link(after, name, items, owners)
            elif not (alike and same_hosts and known.refers in _IN_HOST):
                yield from compare_reference(old, new, title(after), known.refers, *items)
    elif not same_hosts:
        yield from _references(old, new, before, after)
    if not standing:
        from machdesc.abi.change import changed_names

        names |= dict.fromkeys(changed_names(before, old, after, new))
    if globals_:
        names |= dict.fromkeys(reached_names(new, after.type.name, globals_))
    if own or names or not same_processors:
        has = after.type.properties(new.release)
        names |= dict.fromkeys(name for name in _FROM_PROCESSORS if name in has)
    if after.type.name.startswith(_BY_MEMORY):
        names |= dict.fromkeys(_FROM_MEMORY)
    for name in names:
        sides = _effective(old, before, name), _effective(new, after, name)
        if name in _NAMING_BUSES and _same_bus(old, sides, owners):
            continue
        difference = _property(after, name, *sides, known_on_both=standing)
        if difference is not None:
            yield difference


def _stand_alike(old: Guest, new: Guest, before: Device, after: Device) -> bool:
    """Whether two devices have the same standing; most have, under the same machine."""
    if (
        before.version == after.version
        and old.machine_name == new.machine_name
        and old.release == new.release
        and old.catalog is new.catalog
        and old.variants == new.variants
    ):
        return True
    return device_standing(old, before) == device_standing(new, after)


def _say_the_same(old: Property | None, new: Property | None) -> bool:
    """Whether a property is written on both sides, with the same plain value."""
    if old is None or new is None or type(old.value) is not type(new.value):
        return False
    # Everything but the place, which is what stands last in a node.
    return old.value[:-1] == new.value[:-1]


def _references(old: Guest, new: Guest, before: Device, after: Device) -> Iterable[Difference]:
    """What differs behind a device that is written the same on both sides."""
    assert after.type is not None
    mine = properties_of(before.statement)
    for item in after.statement.properties:
        known = after.type.properties(new.release).get(item.name)
        if known is not None and known.refers in _IN_HOST:
            yield from compare_reference(old, new, title(after), known.refers, mine.get(item.name), item)


def _link(after: Device, name: str, items: Items, owners: dict[str, str]) -> Iterable[Difference]:
    """A device that names another, which may be called otherwise now."""
    texts = [written_text(item.value) if item is not None else "" for item in items]
    if owners.get(texts[0], texts[0]) != texts[1]:
        spans = [item.span if item is not None else None for item in items]
        yield differ("device-property", title(after), f"`{name}`", texts, spans, "", _type(after), name)


def _same_bus(old: Guest, sides: tuple[Effective | None, Effective | None], owners: dict[str, str]) -> bool:
    """Whether two names mean the same bus, whose owner may be called otherwise now."""
    mine, theirs = (str(side.value) if side is not None else "" for side in sides)
    bus = old.buses.get(mine)
    if bus is None or not bus.owner:
        return False
    return owners.get(bus.owner, bus.owner) + bus.name.removeprefix(bus.owner) == theirs


def _effective(guest: Guest, device: Device, name: str) -> Effective | None:
    try:
        return effective(guest, device, name)
    except KeyError:
        return None


def _property(
    after: Device, name: str, old: Effective | None, new: Effective | None, known_on_both: bool
) -> Difference | None:
    """The difference of one property; None when there is none."""
    values = [side.value if side is not None else value_without(name) for side in (old, new)]
    if (old is None and new is None) or (values[0] is not None and same_effect(name, *values)):
        return None
    doubt = ""
    for side in (old, new):
        if side is None:
            # Only one release has it, and what it does there differs from not having it.
            continue
        if side.value is None:
            doubt = side.detail
    if values == [None, None] and known_on_both:
        return None
    spans = [side.span if side is not None else None for side in (old, new)]
    type, what = _type(after), f"`{name}`"
    texts = shown(values[0]), shown(values[1])
    return differ("device-property", title(after), what, texts, spans, doubt, type, name)


def _unplaced(old: Guest, new: Guest, couples: list[tuple[Device, Device]]) -> Iterable[Difference]:
    """Devices without an address: QEMU places them in the order in which they stand, in the first
    free place, so that they stay where they are only if what stands before them is the same."""
    before, after = _chosen(old), _chosen(new)
    partner = {id(second): first for first, second in couples}
    taken = {kind: _taken(old, kind) == _taken(new, kind) for kind in dict.fromkeys((*before, *after))}
    for kind, devices in after.items():
        others = before.get(kind, [])
        for number, device in enumerate(devices):
            first = partner.get(id(device))
            if first is None or (kind != "memory" and first.address is not None and first.address.unit):
                continue
            if taken[kind] and number < len(others) and others[number] is first:
                continue
            doubt = "it has no address, and what QEMU places before it is not the same"
            spans = _spans(first, device)
            yield differ("no-address", title(device), "the address", ("", ""), spans, doubt)


def _chosen(guest: Guest) -> dict[str, list[Device]]:
    """The devices whose address QEMU chooses, in their order, by the kind of bus they need."""
    found: dict[str, list[Device]] = {}
    memory = {type for type in {device.type for device in guest.devices} if _is_memory(guest, type)}
    for device in guest.devices:
        if device.type is not None and (device.address is None or not device.address.unit):
            bus = device.type.bus(guest.release)
            if bus:
                found.setdefault(bus, []).append(device)
        if device.type in memory and not {"addr", "memaddr"} & set(properties_of(device.statement)):
            found.setdefault("memory", []).append(device)
    return found


def _is_memory(guest: Guest, type: DeviceType | None) -> bool:
    """Whether devices of a type lie in the address space for memory, in which QEMU gives places in the order
    in which devices stand (hw/mem/memory-device.c)."""
    return type is not None and (
        "memaddr" in type.properties(guest.release) or "pc-dimm" in (type.name, *type.parents(guest.release))
    )


def _taken(guest: Guest, kind: str) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """The addresses that are given on buses of a kind."""
    return {
        (device.address.bus.name, device.address.properties)
        for device in guest.devices
        if device.address is not None
        and device.address.unit
        and device.type is not None
        and device.type.bus(guest.release) == kind
    }


def _bridges(old: Guest, new: Guest, couples: list[tuple[Device, Device]]) -> Iterable[Difference]:
    """Bridges of one bus in another order: QEMU numbers their buses for the ACPI tables as it finds them,
    those of a bus in the order in which they were made (acpi_set_bsel in hw/acpi/pcihp.c and
    pci_for_each_bus_depth_first in hw/pci/pci.c)."""
    ids = [device.id for device in old.devices]
    if "" not in ids and ids == [device.id for device in new.devices]:
        return
    partner = {id(first): second for first, second in couples}
    bridges = {type for type in {device.type for device in old.devices} if _is_bridge(old, type)}
    mine = [device for device in old.devices if device.type in bridges and id(device) in partner]
    if len(mine) < 2:
        return
    theirs_of = {id(partner[id(device)]): device for device in mine}
    theirs = [device for device in new.devices if id(device) in theirs_of]
    # Each as the old side has it, in both orders, the bridges of one new bus together.
    orders: dict[str, tuple[list[Device], list[Device]]] = {}
    for device in mine:
        orders.setdefault(_bus(partner[id(device)]), ([], []))[0].append(device)
    for device in theirs:
        orders[_bus(device)][1].append(theirs_of[id(device)])
    for before, after in orders.values():
        if [id(device) for device in before] != [id(device) for device in after]:
            texts = [", ".join(map(title, side)) for side in (before, after)]
            spans = _spans(before[0], partner[id(after[0])])
            yield differ("bridge-order", "bridges", "the order", texts, spans)


def _bus(device: Device) -> str:
    return device.address.bus.name if device.address is not None else ""


def _is_bridge(guest: Guest, type: DeviceType | None) -> bool:
    offered = type.offers(guest.release).values() if type is not None else ()
    return any("PCI" in (kind, *guest.catalog.ancestors(kind, guest.release)) for kind in offered)
