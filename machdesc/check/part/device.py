"""Devices: what differs between those of both sides, which are paired by `machdesc.check.part.couple`.

Their order means nothing but where QEMU decides by it, see `machdesc.check.part.order`.
"""

from __future__ import annotations

from machdesc.abi.derivation import FAMILIES, derived_names
from machdesc.abi.effective import Effective, effective
from machdesc.abi.makeup import makeup_of
from machdesc.abi.standing import device_standing
from machdesc.check.difference import Difference, differ
from machdesc.check.part.back_end import compare_reference
from machdesc.check.part.couple import new_ids, pair_devices, place, spans_of, title, type_name
from machdesc.check.part.order import FROM_ORDER, compare_order, compare_unplaced, is_reordered
from machdesc.check.part.reach import changed_globals, kind_of_property, reached_names
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

    from machdesc.check.part.couple import Couple
    from machdesc.check.part.reach import Name
    from machdesc.resolve.guest import Address, Device, Guest
    from machdesc.syntax.tree import Property

    Items = tuple[Property | None, Property | None]

_ADDRESS_RULES = {
    "PCI": "pci-address",
    "SCSI": "scsi-address",
    "usb-bus": "usb-address",
    "IDE": "ide-address",
    "virtio-serial-bus": "serial-address",
}

_FROM_PROCESSORS = ("num-queues", "num_queues", "vectors")
"""Properties that QEMU chooses by the number of processors, or by one of the others."""

_FROM_DRIVE = ("write-cache", "device_id")
"""Properties that QEMU chooses by the `drive` behind a device."""

_FROM_ID = ("nqn",)
"""Properties that QEMU chooses by the id of the device itself."""

_NO_GRANULARITY = 0xFFFFFFFF

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
        yield Difference("device-removed", title(device), "the device", type_name(device), "", span, None)
    for device in come:
        span = heading(device.statement)
        yield Difference("device-added", title(device), "the device", "", type_name(device), None, span)
    owners = new_ids(couples)
    reordered = is_reordered(old, new, couples)
    renamed = any(before.id != after.id for before, after in couples)
    same_processors = same_text(old.description.one("cpu"), new.description.one("cpu"))
    if not same_processors:
        from machdesc.abi.topology import cpu_count

        same_processors = cpu_count(old) == cpu_count(new)
    globals_ = changed_globals(old, new)
    hosts = old.description.host, new.description.host
    same_hosts = len(hosts[0]) == len(hosts[1]) and all(map(same_text, *hosts))
    same_around = same_processors and same_hosts and not globals_ and not reordered
    for before, after in couples:
        if renamed or before.address is None or not _are_same(before.address, after.address):
            yield from _address(before, after, owners)
        if before.type is None or after.type is None:
            continue
        if before.type.name != after.type.name:
            texts = type_name(before), type_name(after)
            yield differ("device-type", title(after), "the type", texts, spans_of(before, after))
            continue
        same_statements = same_text(before.statement, after.statement)
        chosen = after.type.name.startswith(_BY_MEMORY)
        if same_statements and same_around and not chosen and _stand_alike(old, new, before, after):
            continue
        same = same_statements, same_processors, same_hosts, reordered
        yield from _properties(old, new, before, after, same, globals_, couples, owners)
    yield from compare_unplaced(old, new, couples)
    if reordered:
        from machdesc.check.part.section import compare_sections

        yield from compare_order(old, new, couples)
        yield from compare_sections(old, new, couples)
    kinds = [s.head.text for s in old.description.host_all("netdev") if s.head is not None]
    if "user" in kinds:
        from machdesc.check.part.section import compare_user_networks

        yield from compare_user_networks(old, new, couples)


def _are_same(old: Address, new: Address | None) -> bool:
    """Whether two addresses are the same where no bus has another name."""
    return new is not None and old.bus.name == new.bus.name and old.properties == new.properties


def _address(before: Device, after: Device, owners: dict[str, str]) -> Iterable[Difference]:
    if before.address is after.address is None:
        return
    if place(before, owners) == place(after, {}):
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
    same: tuple[bool, bool, bool, bool],
    globals_: list[Name],
    couples: list[Couple],
    owners: dict[str, str],
) -> Iterable[Difference]:
    """The properties of one pair whose effective values differ. `same` says whether the statements, the
    processors and the host's blocks are the same on both sides, and whether devices stand in another order;
    `globals_` are those that changed."""
    same_statements, same_processors, same_hosts, reordered = same
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
                yield from _behind(old, new, after, known.refers, items)
    elif not same_hosts:
        yield from _references(old, new, before, after)
    if not standing:
        from machdesc.abi.change import changed_names

        names |= dict.fromkeys(changed_names(before, old, after, new))
    if globals_:
        names |= dict.fromkeys(reached_names(new, after.type.name, globals_))
    if not (same_statements and same_hosts):
        has = after.type.properties(new.release)
        names |= dict.fromkeys(name for name in _FROM_DRIVE if name in has)
    if own or names or not same_processors:
        has = after.type.properties(new.release)
        names |= dict.fromkeys(name for name in _FROM_PROCESSORS if name in has)
    if reordered:
        derived = derived_names(new.catalog, new.release, after.type.name)
        names |= dict.fromkeys(name for name in FROM_ORDER if name in derived)
    if before.id != after.id:
        has = after.type.properties(new.release)
        names |= dict.fromkeys(name for name in _FROM_ID if name in has)
    if after.type.name.startswith(_BY_MEMORY):
        names |= dict.fromkeys(_FROM_MEMORY)
    for name in names:
        sides = _effective(old, before, name), _effective(new, after, name)
        if name.startswith("bootindex"):
            from machdesc.check.part.boot import is_same_rank

            if is_same_rank(old, new, sides, couples):
                continue
        if name in _NAMING_BUSES and _same_bus(old, sides, owners):
            continue
        kind = kind_of_property(new, after.type.name, name)
        difference = _property(after, name, kind, *sides, known_on_both=standing)
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
            yield from _behind(old, new, after, known.refers, (mine.get(item.name), item))


def _behind(old: Guest, new: Guest, after: Device, refers: str, items: Items) -> Iterable[Difference]:
    """What differs behind one property of a device."""
    if refers == "block":
        from machdesc.check.part.disk import NAMED_AFTER_DRIVES, compare_disk, compare_name

        yield from compare_disk(old, new, title(after), type_name(after), items)
        if type_name(after) in NAMED_AFTER_DRIVES:
            yield from compare_name(old, new, after, items)
    else:
        yield from compare_reference(old, new, title(after), type_name(after), refers, items)


def _link(after: Device, name: str, items: Items, owners: dict[str, str]) -> Iterable[Difference]:
    """A device that names another, which may be called otherwise now."""
    texts = [written_text(item.value) if item is not None else "" for item in items]
    if owners.get(texts[0], texts[0]) != texts[1]:
        spans = [item.span if item is not None else None for item in items]
        yield differ("device-property", title(after), f"`{name}`", texts, spans, "", type_name(after), name)


def _same_bus(old: Guest, sides: tuple[Effective | None, Effective | None], owners: dict[str, str]) -> bool:
    """Whether two names mean the same bus, whose owner may be called otherwise now."""
    mine, theirs = (str(side.value) if side is not None else "" for side in sides)
    bus = old.buses.get(mine)
    if bus is None or not bus.owner:
        return False
    return owners.get(bus.owner, bus.owner) + bus.name.removeprefix(bus.owner) == theirs


def _effective(guest: Guest, device: Device, name: str) -> Effective | None:
    try:
        found = effective(guest, device, name)
    except KeyError:
        return None
    chosen = _AS_SHOWN.get(name)
    return found._replace(value=chosen(guest, device, found.value)) if chosen is not None else found


def _write_cache(guest: Guest, device: Device, value: object) -> object:
    """Whether there is a write cache: `auto` leaves it to the drive (blkconf_apply_backend_options in
    hw/block/block.c)."""
    if value != "auto":
        return value
    from machdesc.check.part.disk import medium_behind

    medium = medium_behind(guest, device)
    return medium is None or medium.has_write_cache


def _discard_granularity(guest: Guest, device: Device, value: object) -> object:
    """What virtio-blk tells where nothing is written: a block (virtio_blk_update_config in
    hw/block/virtio-blk.c)."""
    if value != _NO_GRANULARITY or not type_name(device).startswith("virtio-blk"):
        return value
    return effective(guest, device, "logical_block_size").value


def _nqn(guest: Guest, device: Device, value: object) -> object:
    """The name of an NVMe subsystem, by its id where none is written (nvme_subsys_setup in
    hw/nvme/subsys.c)."""
    del guest
    return value or device.id


_AS_SHOWN = {"write-cache": _write_cache, "discard_granularity": _discard_granularity, "nqn": _nqn}
"""Properties whose value leaves what the guest sees to something else -> what it sees."""


def _property(
    after: Device, name: str, kind: str, old: Effective | None, new: Effective | None, known_on_both: bool
) -> Difference | None:
    """The difference of one property; None when there is none."""
    values = [side.value if side is not None else value_without(name) for side in (old, new)]
    if (old is None and new is None) or (values[0] is not None and same_effect(name, kind, *values)):
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
    type, what = type_name(after), f"`{name}`"
    texts = shown(values[0]), shown(values[1])
    return differ("device-property", title(after), what, texts, spans, doubt, type, name)
