"""Addresses: what `at BUS/UNIT` means on each kind of bus, as the properties that QEMU takes.

The kinds and their properties are those of QEMU's bus implementations, named beside each.
Bus types that are not listed here take a device anywhere: `at BUS` is all that can be said.
"""

from __future__ import annotations

from machdesc.memo import Memo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machdesc.catalog.catalog import Catalog

_HEX = "0123456789abcdefABCDEF"
_FUNCTIONS = tuple("01234567")


def _number(text: str, highest: int) -> int | None:
    """A decimal number of ASCII digits; None for anything else, or a larger one."""
    if not text.isascii() or not text.isdecimal() or len(text) > 5 or int(text) > highest:
        return None
    return int(text)


def _pci(unit: str) -> tuple[tuple[str, str], ...] | None:
    slot, dot, function = unit.partition(".")
    function = function if dot else "0"
    if not 0 < len(slot) <= 2 or slot.strip(_HEX) or int(slot, 16) > 0x1F or function not in _FUNCTIONS:
        return None
    return (("addr", f"{int(slot, 16):02x}.{function}"),)


def _scsi(unit: str) -> tuple[tuple[str, str], ...] | None:
    parts = unit.split(":")
    numbers = [_number(part, highest) for part, highest in zip(parts, (999, 99999, 99999), strict=False)]
    if len(parts) != 3 or None in numbers:
        return None
    return tuple(zip(("channel", "scsi-id", "lun"), map(str, numbers), strict=True))


def _usb(unit: str) -> tuple[tuple[str, str], ...] | None:
    # QEMU compares paths as texts: for it `01` is another port than `1`, and one that no hub has.
    ports = [_number(part, 999) for part in unit.split(".")]
    return (("port", ".".join(map(str, ports))),) if len(ports) <= 5 and all(ports) else None


def _numbered(name: str, highest: int) -> Callable[[str], tuple[tuple[str, str], ...] | None]:
    def parse(unit: str) -> tuple[tuple[str, str], ...] | None:
        number = _number(unit, highest)
        return ((name, str(number)),) if number is not None else None

    return parse


class Kind:
    """How the units of one kind of bus are written; `parse` gives the properties of one, None for no unit."""

    def __init__(
        self,
        form: str,
        properties: tuple[str, ...],
        parse: Callable[[str], tuple[tuple[str, str], ...] | None],
    ) -> None:
        self.form = form
        self.properties = properties
        self.parse = Memo(parse).__getitem__


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


def kind_of(bus_type: str, catalog: Catalog, release: str) -> Kind | None:
    """The kind of a bus, by its type or the nearest type above it."""
    if bus_type in KINDS:
        return KINDS[bus_type]
    key = catalog, release, bus_type
    if key not in _kinds:
        above = catalog.ancestors(bus_type, release)
        _kinds[key] = next((KINDS[name] for name in above if name in KINDS), None)
    return _kinds[key]


_kinds: dict[tuple[Catalog, str, str], Kind | None] = {}


def function_of(properties: tuple[tuple[str, str], ...]) -> tuple[int, int]:
    """Slot and function of the properties of a PCI address."""
    ((_, addr),) = properties
    return _PLACES[addr]


def _place(addr: str) -> tuple[int, int]:
    slot, _, function = addr.partition(".")
    return int(slot, 16), int(function)


_PLACES = Memo(_place)
