"""Checks of places: two devices at one address, functions without multifunction, and addresses
that a bus cannot have.

The rules are QEMU's own: `do_pci_register_device` and `pci_init_multifunction` in
hw/pci/pci.c, `ide_dev_initfn` in hw/ide/ide-dev.c.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error, warning
from machdesc.resolve.address import KINDS, function_of, kind_of
from machdesc.resolve.guest import Device, Guest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.address import Kind


def check_places(guest: Guest) -> list[Diagnostic]:
    """All that is wrong with where devices are plugged."""
    diagnostics: list[Diagnostic] = []
    taken: dict[tuple[str, tuple[tuple[str, str], ...]], Device] = {}
    slots: dict[tuple[str, int], dict[int, Device]] = {}
    for device in guest.devices:
        if device.type is None or not device.type.bus(guest.release):
            continue
        kind = _kind(guest, device)
        if device.address is None or not device.address.unit:
            if kind is not None and not _says_place(device, kind):
                _report_unplaced(device, kind, diagnostics)
            continue
        place = device.address.bus.name, device.address.properties
        first = taken.setdefault(place, device)
        if first is not device:
            _report_taken(device, first, diagnostics)
        elif kind is KINDS["PCI"]:
            slot, function = function_of(device.address.properties)
            slots.setdefault((place[0], slot), {})[function] = device
            _check_pci(guest, device, slot, function, diagnostics)
        elif kind is KINDS["IDE"] and dict(place[1])["unit"] == "1" and _is_ahci(guest, device):
            diagnostics.append(
                error("bad-address", "a SATA bus has one unit only", device.address.span, "unit 0")
            )
    for (_, slot), functions in slots.items():
        if len(functions) == 1 and 0 in functions:
            continue
        _check_functions(guest, slot, functions, diagnostics)
    return diagnostics


def _says_place(device: Device, kind: Kind) -> bool:
    """Whether a device that has no address says one that is wrong, or a part of one in its block."""
    said = device.statement.address
    if said is not None and (device.address is None or "/" in said.text):
        return True
    return any(item.name in kind.properties for item in device.statement.properties)


def _kind(guest: Guest, device: Device) -> Kind | None:
    """The kind of bus that a device is on, or needs."""
    assert device.type is not None
    if device.address is not None:
        return device.address.bus.kind
    return kind_of(device.type.bus(guest.release), guest.catalog, guest.release)


def _check_pci(guest: Guest, device: Device, slot: int, function: int, diagnostics: list[Diagnostic]) -> None:
    """A slot that the bus does not have, or that the machine itself uses."""
    assert device.address is not None
    bus = device.address.bus
    owner = guest.device(bus.owner) if slot and bus.owner else None
    if owner is not None and owner.type is not None and "pcie-slot" in owner.type.parents(guest.release):
        diagnostics.append(
            error(
                "bad-address",
                f"`{owner.type.name}` has slot 00 only",
                device.address.span,
                f"{bus.name}/00.0 to {bus.name}/00.7",
            )
        )
    if guest.machine is None or bus.owner:
        return
    builtin = guest.machine.facts(guest.release).builtin
    address = f"{bus.name}/{slot:02x}.{function}"
    if address in builtin:
        diagnostics.append(
            error(
                "address-taken",
                f"`{address}` is taken by the machine's own `{builtin[address]}`",
                device.address.span,
                "",
                "choose another slot",
            )
        )


def _check_functions(
    guest: Guest, slot: int, functions: dict[int, Device], diagnostics: list[Diagnostic]
) -> None:
    """Functions above 0 need a function 0 that says `multifunction on`."""
    others = [device for function, device in sorted(functions.items()) if function]
    if not others:
        return
    zero = functions.get(0)
    if zero is None:
        place = others[0].address
        assert place is not None
        builtin = guest.machine.facts(guest.release).builtin if guest.machine is not None else {}
        if f"{place.bus.name}/{slot:02x}.0" not in builtin:
            diagnostics.append(
                warning(
                    "no-function-0",
                    f"nothing is at function 0 of slot {slot:02x} of `{place.bus.name}`",
                    place.span,
                    "",
                    "a guest looks at function 0 first, and will not find this device",
                )
            )
        return
    if _says_on(zero, "multifunction"):
        return
    assert zero.address is not None
    diagnostics.append(
        error(
            "no-multifunction",
            f"function 0 of slot {slot:02x} has others beside it, but not `multifunction on`",
            zero.address.span,
            "",
            f"add `multifunction on` to {_name(zero)}",
        )
    )


def _says_on(device: Device, name: str) -> bool:
    return any(
        item.name == name and getattr(item.value, "text", "") == "on" for item in device.statement.properties
    )


def _is_ahci(guest: Guest, device: Device) -> bool:
    """Whether the bus of an IDE device is that of a SATA controller."""
    assert device.address is not None
    owner = guest.device(device.address.bus.owner) if device.address.bus.owner else None
    if owner is not None:
        return owner.type is not None and "ahci" in owner.type.name
    if guest.machine is None:
        return False
    return "ich9-ahci" in guest.machine.facts(guest.release).builtin.values()


def _report_unplaced(device: Device, kind: Kind, diagnostics: list[Diagnostic]) -> None:
    diagnostics.append(
        warning(
            "no-address",
            f"{_name(device)} has no address: QEMU will choose one, which other devices can change",
            device.statement.keyword_span if device.address is None else device.address.span,
            kind.form,
            "write `at BUS/ADDRESS`",
        )
    )


def _report_taken(device: Device, first: Device, diagnostics: list[Diagnostic]) -> None:
    assert device.address is not None
    line = first.statement.span[2].location(first.statement.span[0])[0]
    diagnostics.append(
        error(
            "address-taken",
            f"`{device.address.bus.name}/{device.address.unit}` is taken by {_name(first)} in line {line}",
            device.address.span,
            "",
            "choose another address",
        )
    )


def _name(device: Device) -> str:
    """A device for messages: its id, or its type."""
    head = device.statement.head
    return f"`{device.id}`" if device.id else f"the `{head.text if head is not None else 'device'}`"
