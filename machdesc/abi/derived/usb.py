"""What USB controllers set for themselves as they are made, over what QEMU tells as the default.

Sources: `qemu_xhci_instance_init` in hw/usb/hcd-xhci-pci.c; `nec_xhci_instance_init` in
hw/usb/hcd-xhci-nec.c (5.2 and 7.2; 10.0 has the default).
"""

from __future__ import annotations

from machdesc.abi.effective import DEFAULT, DERIVED, Effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_MOST_PORTS = 15
"""XHCI_MAXPORTS_2 and XHCI_MAXPORTS_3 in hw/usb/hcd-xhci.h, which
`usb_xhci_init` in hcd-xhci.c takes for more (7.2: `qom-get`)."""


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`msi` of qemu-xhci, `streams` of nec-usb-xhci, and numbers of ports."""
    if base.name in ("p2", "p3"):
        too_many = isinstance(base.value, int) and base.value > _MOST_PORTS
        return base._replace(value=_MOST_PORTS) if too_many else base
    if base.origin != DEFAULT or device.type is None:
        return base
    if base.name == "msi" and device.type.name == "qemu-xhci":
        return base._replace(value="off", origin=DERIVED, detail="this type uses MSI-X")
    older = int(guest.release.partition(".")[0]) < 10
    if base.name == "streams" and device.type.name == "nec-usb-xhci" and older:
        return base._replace(value=False, origin=DERIVED, detail=f"off in this type in QEMU {guest.release}")
    return base
