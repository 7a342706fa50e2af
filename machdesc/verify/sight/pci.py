"""PCI functions: that they are there, and what their config space shows of their properties.

Sources: the PCI and PCI Express specifications for the registers; hw/pci/msix.c, hw/pci/pcie.c,
hw/pci-bridge/pci_bridge_dev.c and hw/display/vga-pci.c (7.2, 10.2) for which property is in which.
"""

from __future__ import annotations

from collections.abc import Iterator

from machdesc.live.view import View
from machdesc.model.heading import heading
from machdesc.verify.device import name_of
from machdesc.verify.sight.claim import Claim, Seen

_MULTIFUNCTION = 0x80
_MIB = 1 << 20
_ROOT_PORTS = {"pcie-root-port", "ioh3420"}
_VGA = {"VGA", "secondary-vga"}


def pci_claims(seen: Seen, view: View) -> Iterator[Claim]:
    """Claims about one device, if it is a PCI function."""
    base = ("pci", seen.path)
    if not seen.path or "addr" not in seen.running.properties:
        return
    there = (*base, "vendor id") in view
    yield Claim(
        name_of(seen.device).strip("`"),
        f"it is at {seen.path.rpartition('/')[2]} of `{seen.running.bus_name}`",
        "its place",
        "a function",
        "a function" if there else "nothing",
        seen.device.address.span if seen.device.address is not None else heading(seen.device.statement),
    )
    if not there:
        return
    several = seen.known("multifunction")
    if several is not None and isinstance(several.value, bool):
        header = int(str(view[(*base, "header type")]), 16)
        shown = bool(header & _MULTIFUNCTION)
        yield seen.claim("multifunction", "its header type", several.value, shown)
    vectors = seen.number("vectors")
    if vectors is not None and seen.virtio_type:
        yield seen.claim("vectors", "the vectors of its MSI-X", vectors, _vectors(view, base))
    if seen.running.type in _ROOT_PORTS:
        link, slot = (_register(view, base, "PCI Express", offset) for offset in (0x0C, 0x14))
        for name, register, shift in (("port", link, 24), ("slot", slot, 19)):
            number = seen.number(name)
            if number is not None:
                yield seen.claim(name, "its PCI Express capability", number, register >> shift)
    chassis = seen.number("chassis_nr")
    if chassis is not None and (*base, "slot identification", "0x00") in view:
        shown_chassis = _register(view, base, "slot identification", 0) >> 24
        yield seen.claim("chassis_nr", "its slot identification", chassis, shown_chassis)
    memory = seen.number("vgamem_mb")
    if memory is not None and seen.running.type in _VGA:
        yield seen.claim("vgamem_mb", "the size of BAR 0", memory * _MIB, view.get((*base, "BAR 0", "size")))


def _vectors(view: View, base: tuple[str, ...]) -> int:
    """How many there are; none without the capability."""
    if (*base, "MSI-X", "0x00") not in view:
        return 0
    return (_register(view, base, "MSI-X", 0) >> 16 & 0x7FF) + 1


def _register(view: View, base: tuple[str, ...], capability: str, offset: int) -> int:
    return int(str(view.get((*base, capability, f"{offset:#04x}"), "0")), 16)
