"""The order of devices: what QEMU decides by the order in which it makes them.

Without a word of theirs, devices get addresses, numbers and names in that order; the ACPI tables number
bridges, a display that is made later takes the ports of VGA, and a saved state counts what has no path.
"""

from __future__ import annotations

from itertools import takewhile

from machdesc.check.difference import Difference, differ
from machdesc.check.part.couple import spans_of, title, type_name
from machdesc.check.part.value import properties_of
from machdesc.memo import kept
from machdesc.resolve.address import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.catalog.catalog import DeviceType
    from machdesc.check.part.couple import Couple
    from machdesc.resolve.guest import Device, Guest

FROM_ORDER = ("mac", "serial", "eui64", "slot", "index", "iobase", "irq")
"""Properties that QEMU chooses by the devices before (`machdesc.abi.derivation`)."""

_EXPANDERS = "pxb"
"""What the types begin with whose buses QEMU looks at before the machine's own PCI bus."""

_LEGACY_VGA = ("VGA", "cirrus-vga", "isa-cirrus-vga", "isa-vga", "qxl-vga", "virtio-vga-base", "vmware-svga")
"""Displays that answer at the memory and the ports of VGA: `vga_init` in hw/display/vga.c."""


_IN_DSDT = (
    *("isa-applesmc", "isa-fdc", "isa-ipmi-bt", "isa-ipmi-kcs", "isa-parallel", "isa-serial", "pvpanic"),
    "tpm-tis",
)
"""Types on ISA that describe themselves: those with TYPE_ACPI_DEV_AML_IF in hw/."""


def is_reordered(old: Guest, new: Guest, couples: list[Couple]) -> bool:
    """Whether devices stand in another order, or some are gone or new among them."""
    ids = [device.id for device in old.devices]
    if "" not in ids and ids == [device.id for device in new.devices]:
        return any(before.id != after.id for before, after in couples)
    if len(couples) != len(old.devices) or len(couples) != len(new.devices):
        return True
    partner = {id(before): after for before, after in couples}
    return any(partner[id(mine)] is not theirs for mine, theirs in zip(old.devices, new.devices, strict=True))


def compare_order(old: Guest, new: Guest, couples: list[Couple]) -> Iterable[Difference]:
    """What the order of devices decides besides properties and addresses, where it is another."""
    yield from _bridges(old, new, couples)
    yield from _displays(old, new, couples)
    yield from _described_in_acpi(old, new, couples)


def in_both_orders(
    old: Guest, new: Guest, couples: list[Couple]
) -> tuple[list[Device], list[Device], dict[int, Device]]:
    """The paired devices, as the old side has them, in its order and in that of the new side; and the new
    device of each by `id`."""
    partner = {id(before): after for before, after in couples}
    first = {id(after): before for before, after in couples}
    mine = [device for device in old.devices if id(device) in partner]
    theirs = [first[id(device)] for device in new.devices if id(device) in first]
    return mine, theirs, partner


def _bridges(old: Guest, new: Guest, couples: list[Couple]) -> Iterable[Difference]:
    """Bridges of one bus in another order: QEMU numbers their buses for the ACPI tables as it finds them,
    those of a bus in the order in which they were made (acpi_set_bsel in hw/acpi/pcihp.c and
    pci_for_each_bus_depth_first in hw/pci/pci.c)."""
    bridges = {type for type in {device.type for device in old.devices} if _is_bridge(old, type)}
    mine, theirs, partner = in_both_orders(old, new, couples)
    # Each as the old side has it, in both orders, the bridges of one new bus together.
    orders: dict[str, tuple[list[Device], list[Device]]] = {}
    for number, side in enumerate((mine, theirs)):
        for device in side:
            if device.type in bridges:
                orders.setdefault(_bus(partner[id(device)]), ([], []))[number].append(device)
    for before, after in orders.values():
        if before != after and [id(device) for device in before] != [id(device) for device in after]:
            yield _exchanged("bridge-order", "bridges", "the order", (before, after), partner)


def _displays(old: Guest, new: Guest, couples: list[Couple]) -> Iterable[Difference]:
    """Displays with the memory and ports of VGA: the one that QEMU makes last answers there, since a region
    lies above those of the same priority that were there before
    (memory_region_update_container_subregions in system/memory.c)."""
    partner = {id(after): before for before, after in couples}
    before, after = _legacy_displays(old), _legacy_displays(new)
    stay = [partner[id(device)] for device in after if id(device) in partner]
    paired = {id(device) for device in stay}
    was = [device for device in before if id(device) in paired]
    if not was or ([id(d) for d in was] == [id(d) for d in stay] and id(after[-1]) in partner):
        return
    texts = ", ".join(map(title, before)), ", ".join(map(title, after))
    yield differ("display-order", "displays", "the order", texts, spans_of(before[-1], after[-1]))


def _described_in_acpi(old: Guest, new: Guest, couples: list[Couple]) -> Iterable[Difference]:
    """Devices on ISA in another order: the DSDT has them as they stand on their bus (acpi_dscp_walk in
    hw/acpi/acpi_interface.c, qbus_build_aml; seen of QEMU 11.1.3)."""
    mine, theirs, partner = in_both_orders(old, new, couples)
    sides = (
        [device for device in mine if type_name(device) in _IN_DSDT],
        [device for device in theirs if type_name(device) in _IN_DSDT],
    )
    if [id(device) for device in sides[0]] != [id(device) for device in sides[1]]:
        yield _exchanged("acpi-order", "devices on ISA", "the order", sides, partner)


def _legacy_displays(guest: Guest) -> list[Device]:
    return [
        device
        for device in guest.devices
        if device.type is not None
        and any(name in _LEGACY_VGA for name in (device.type.name, *device.type.parents(guest.release)))
    ]


def _exchanged(
    rule: str, subject: str, what: str, sides: tuple[list[Device], list[Device]], partner: dict[int, Device]
) -> Difference:
    """Devices, all as the old side has them, in another order."""
    before, after = sides
    texts = ", ".join(map(title, before)), ", ".join(title(partner[id(device)]) for device in after)
    return differ(rule, subject, what, texts, spans_of(before[0], partner[id(after[0])]))


def _bus(device: Device) -> str:
    return device.address.bus.name if device.address is not None else ""


def _is_bridge(guest: Guest, type: DeviceType | None) -> bool:
    offered = type.offers(guest.release).values() if type is not None else ()
    return any("PCI" in (kind, *guest.catalog.ancestors(kind, guest.release)) for kind in offered)


def compare_unplaced(old: Guest, new: Guest, couples: list[Couple]) -> Iterable[Difference]:
    """Devices without an address: QEMU places them in the order in which they stand, in the first
    free place of the bus that it finds first, so that they stay where they are only if what stands before
    them is the same."""
    before, after = _chosen(old), _chosen(new)
    partner = {id(second): first for first, second in couples}
    taken = {kind: _taken(old, kind) == _taken(new, kind) for kind in dict.fromkeys((*before, *after))}
    for kind, devices in after.items():
        others = before.get(kind, [])
        for number, device in enumerate(devices):
            first = partner.get(id(device))
            if first is None or (kind != "memory" and first.address is not None and first.address.unit):
                continue
            same_before = taken[kind] and number < len(others) and others[number] is first
            has_places = kind == "memory" or kind_of(kind, new.catalog, new.release) is not None
            doubt = ""
            if has_places and not same_before:
                doubt = "it has no address, and what QEMU places before it is not the same"
            elif device.address is None and not _same_buses(old, new, kind, (first, device), partner):
                doubt = "it says no bus, and those that QEMU looks at are not the same"
            if doubt:
                yield differ(
                    "no-address", title(device), "the address", ("", ""), spans_of(first, device), doubt
                )


def _same_buses(
    old: Guest, new: Guest, kind: str, couple: tuple[Device, Device], partner: dict[int, Device]
) -> bool:
    """Whether the same devices before one offer the buses that it could be on, in the same order: QEMU takes
    the first that it finds (qbus_find_recursive in system/qdev-monitor.c)."""
    mine, theirs = (_offering(guest, kind, device) for guest, device in zip((old, new), couple, strict=True))
    return [id(device) for device in mine] == [id(partner.get(id(device))) for device in theirs]


def _offering(guest: Guest, kind: str, device: Device) -> list[Device]:
    """The devices before one that offer a bus of a kind."""
    numbers, offers = _offers(guest)
    before = numbers[id(device)]
    if kind not in offers:
        offers[kind] = [other for other in guest.devices if _does_offer(guest, kind, other)]
    return list(takewhile(lambda other: numbers[id(other)] < before, offers[kind]))


@kept
def _offers(guest: Guest) -> tuple[dict[int, int], dict[str, list[Device]]]:
    """The number of each device by its identity, and the devices that offer a bus of each kind that was asked
    for."""
    return {id(device): number for number, device in enumerate(guest.devices)}, {}


def _does_offer(guest: Guest, kind: str, other: Device) -> bool:
    offered = other.type.offers(guest.release).values() if other.type is not None else ()
    fits = any(kind in (bus, *guest.catalog.ancestors(bus, guest.release)) for bus in offered)
    return fits and (kind != "PCI" or type_name(other).startswith(_EXPANDERS))


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
