"""Addresses: what `at BUS/UNIT` means on each kind of bus, as the properties that QEMU takes.

The kinds and their properties are those of QEMU's bus implementations, named beside each.
Bus types that are not listed here take a device anywhere: `at BUS` is all that can be said.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Compiled when first used (`re` keeps them): most guests need one or two.
_NUMBER = r"\d{1,5}"
_PCI = r"([0-9a-fA-F]{1,2})(?:\.([0-7]))?"
_SCSI = r"(\d{1,3}):(\d{1,5}):(\d{1,5})"
_USB = r"\d{1,3}(?:\.\d{1,3}){0,4}"


def _pci(unit: str) -> tuple[tuple[str, str], ...] | None:
    match = re.fullmatch(_PCI, unit)
    if match is None or int(match[1], 16) > 0x1F:
        return None
    return (("addr", f"{int(match[1], 16):02x}.{match[2] or 0}"),)


def _scsi(unit: str) -> tuple[tuple[str, str], ...] | None:
    match = re.fullmatch(_SCSI, unit)
    return (("channel", match[1]), ("scsi-id", match[2]), ("lun", match[3])) if match else None


def _usb(unit: str) -> tuple[tuple[str, str], ...] | None:
    return (("port", unit),) if re.fullmatch(_USB, unit) else None


def _numbered(name: str, highest: int) -> Callable[[str], tuple[tuple[str, str], ...] | None]:
    def parse(unit: str) -> tuple[tuple[str, str], ...] | None:
        if re.fullmatch(_NUMBER, unit) is None or int(unit) > highest:
            return None
        return ((name, str(int(unit))),)

    return parse


class Kind:
    """How the units of one kind of bus are written."""

    def __init__(
        self,
        form: str,
        properties: tuple[str, ...],
        parse: Callable[[str], tuple[tuple[str, str], ...] | None],
    ) -> None:
        self.form = form
        self.properties = properties
        self.parse = parse


KINDS = {
    "PCI": Kind("SLOT.FUNCTION in hex, 00.0 to 1f.7", ("addr",), _pci),  # hw/pci/pci.c
    "SCSI": Kind("CHANNEL:TARGET:LUN, such as 0:0:3", ("channel", "scsi-id", "lun"), _scsi),  # hw/scsi
    "usb-bus": Kind("the port's path, such as 1 or 1.2", ("port",), _usb),  # hw/usb/bus.c
    "IDE": Kind("the unit, 0 or 1", ("unit",), _numbered("unit", 1)),  # hw/ide/ide-dev.c
    "virtio-serial-bus": Kind(
        "the port's number", ("nr",), _numbered("nr", 511)
    ),  # hw/char/virtio-serial-bus.c
    "HDA": Kind("the codec's address, 0 to 14", ("cad",), _numbered("cad", 14)),  # hw/audio/intel-hda.c
    "floppy-bus": Kind("the unit, 0 or 1", ("unit",), _numbered("unit", 1)),  # hw/block/fdc.c
    "ccid-bus": Kind("the slot, 0", ("slot",), _numbered("slot", 0)),  # hw/usb/dev-smartcard-reader.c
    "nvme-bus": Kind("the namespace's id, from 1", ("nsid",), _numbered("nsid", 256)),  # hw/nvme/ns.c
}
"""Bus type -> how a unit on it is written. A type that is not here is looked up by its parents."""


def kind_of(bus_type: str, ancestors: tuple[str, ...]) -> Kind | None:
    """The kind of a bus, by its type or the nearest type above it."""
    for name in (bus_type, *ancestors):
        if name in KINDS:
            return KINDS[name]
    return None


def function_of(properties: tuple[tuple[str, str], ...]) -> tuple[int, int]:
    """Slot and function of the properties of a PCI address."""
    slot, _, function = dict(properties)["addr"].partition(".")
    return int(slot, 16), int(function)
