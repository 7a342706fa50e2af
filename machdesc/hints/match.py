"""Finds for each device of a description the one that a QEMU has, or had, for it.

By its id; else by its type and its place; else as the only one of its type. A device whose id in QEMU is
another one is another device. One without an id in QEMU may have got one in the description, and the buses
that it offers have other names then: QEMU names a bus after the id of its device, or else after its type and
a number (qbus_init in hw/core/bus.c).
"""

from __future__ import annotations

from machdesc.abi.machine import machine_effective
from machdesc.abi.makeup import makeup_of
from machdesc.abi.onboard import own_types_of_any
from machdesc.hints.place import unit_text
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from machdesc.resolve.guest import Bus, Device, Guest

    Pairs: TypeAlias = Mapping[int, int]

FLASH = ("pflash0", "pflash1")
"""Properties of the machine that name a back end each for a flash device that it makes."""

_FLASH_TYPE = "cfi.pflash01"
_MADE = {
    "nvme": {"nvme-subsys"},  # nvme_init_subsys in hw/nvme/ctrl.c of 10.0
    "ati-vga": {"i2c-ddc"},  # ati_vga_realize in hw/display/ati.c
}
"""Type -> the types of devices that one makes beside it, on a bus of its own or on none."""

_USB_ON = {
    "pc-i440fx": {"piix3-usb-uhci"},  # pc_init1 in hw/i386/pc_piix.c
    # ehci_create_ich9_with_companions in hw/usb/hcd-ehci-pci.c, which pc_q35_init calls
    "pc-q35": {"ich9-usb-ehci1", "ich9-usb-uhci1", "ich9-usb-uhci2", "ich9-usb-uhci3"},
}
"""Family of machine types -> the types of devices that `usb on` brings along."""

MADE_FOR_OTHERS = frozenset((_FLASH_TYPE, *(type for made in _MADE.values() for type in made)))
"""Types that the machine, or a controller, makes where something else asks for it."""

_HANDED_ON = "nvme-ns"
"""A controller in a subsystem hands its namespaces on to that one's bus (hw/nvme/ns.c)."""


class Mark(Record):
    """What tells a device of QEMU from others: its type, its id (empty: none), whether somebody asked for
    it, the name of its bus, and its unit there. `above` is the number of the device that offers the bus;
    None where that is not known."""

    type: str
    id: str
    given: bool
    bus: str
    unit: str
    above: int | None = None


def match_devices(guest: Guest, marks: Sequence[Mark], in_order: bool = False) -> dict[int, int]:
    """The number of each device of the description -> that of QEMU's device.

    What nobody asked for, and belongs to the machine or to another device, is found by its place alone.
    `in_order`: of several of a type that only their order tells apart, the first is the first, as QEMU
    creates them.
    """
    pairs: dict[int, int] = {}
    made = made_types(guest)

    def take(fits: Callable[[Device, Mark], bool]) -> bool:
        """Pairs what fits; whether there was any."""
        before = len(pairs)
        for number, device in enumerate(guest.devices):
            if number not in pairs and device.type is not None:
                rest = _left(pairs, marks)
                found = next((other for other in rest if fits(device, marks[other])), None)
                if found is not None:
                    pairs[number] = found
        return len(pairs) > before

    def is_of_type(device: Device, other: Mark) -> bool:
        return device.type is not None and device.type.name == other.type and not other.id

    def is_candidate(device: Device, other: Mark) -> bool:
        return is_of_type(device, other) and (other.given or other.type not in made)

    def is_alone(device: Device, other: Mark) -> bool:
        rest = (marks[number] for number in _left(pairs, marks))
        return is_candidate(device, other) and sum(is_candidate(device, each) for each in rest) == 1

    def may_be_there(device: Device, other: Mark) -> bool:
        return is_candidate(device, other) and is_same_place(guest, device, other, marks, pairs)

    def is_there(device: Device, other: Mark) -> bool:
        is_said = device.address is not None and unit_text(device.address) == other.unit
        return is_said and is_of_type(device, other) and is_same_place(guest, device, other, marks, pairs)

    take(lambda device, other: bool(device.id) and device.id == other.id)
    while take(is_there):
        pass  # a controller that was found tells where its devices are
    if in_order:
        take(may_be_there)
    take(is_alone)
    if in_order:
        take(is_candidate)
    return pairs


def is_same_place(guest: Guest, device: Device, other: Mark, marks: Sequence[Mark], pairs: Pairs) -> bool:
    """Whether QEMU has a device where its description says; one that says less agrees with more."""
    if device.address is None:
        return True
    unit = unit_text(device.address)
    return _is_same_bus(guest, device.address.bus, other, marks, pairs) and unit in ("", other.unit)


def made_types(guest: Guest) -> frozenset[str]:
    """The types of devices that the machine brings along, or that other devices make."""
    types = set(own_types_of_any(guest))
    machine = guest.description.one("machine")
    named = machine is not None and any(item.name in FLASH for item in machine.properties)
    if named or flash_drives(guest):
        types.add(_FLASH_TYPE)
    if guest.machine is not None and guest.machine.family in _USB_ON:
        types |= _USB_ON[guest.machine.family] if machine_effective(guest, "usb").value is True else set()
    for device in guest.devices:
        if device.type is not None:
            makeup = makeup_of(guest.catalog, guest.release, device.type.name)
            types |= _MADE.get(device.type.name, set())
            types |= {part.type for part in (*makeup.parts, *makeup.realized)}
    return frozenset(types)


def flash_drives(guest: Guest) -> frozenset[str]:
    """The ids of drives in `host` that are flash of the machine: `if pflash`."""
    return frozenset(
        drive.id.text
        for drive in guest.description.host_all("drive")
        for item in drive.properties
        if drive.id is not None and item.name == "if" and getattr(item.value, "text", "") == "pflash"
    )


def _left(pairs: Pairs, marks: Sequence[Mark]) -> Iterator[int]:
    taken = {*pairs.values()}
    return (number for number in range(len(marks)) if number not in taken)


def _is_same_bus(guest: Guest, bus: Bus, other: Mark, marks: Sequence[Mark], pairs: Pairs) -> bool:
    if bus.name == other.bus or other.type == _HANDED_ON:
        return True
    owner = next((number for number, device in enumerate(guest.devices) if device.id == bus.owner), None)
    above = pairs.get(owner) if owner is not None and bus.owner else None
    if above is None or marks[above].id:
        return False
    return other.above == above if other.above is not None else other.bus not in guest.buses
