"""Places as one text, `BUS/UNIT`: as `at` writes them, and as QEMU tells them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Address


def place_text(bus: str, unit: str) -> str:
    """A bus and a unit, either of which may be empty."""
    return "/".join(filter(None, (bus, unit)))


def unit_text(address: Address | None) -> str:
    """The unit of an address as QEMU tells it; empty where none is written."""
    return ":".join(value for _, value in address.properties) if address is not None else ""
