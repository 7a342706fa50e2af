"""The PCI class of virtio's serial controller, which allows only three, and of its balloon, which
allows one. Sources: `virtio_serial_pci_realize` in hw/virtio/virtio-serial-pci.c and
`virtio_balloon_pci_realize` in hw/virtio/virtio-balloon-pci.c.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, Effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_OTHERS, _DISPLAY, _COMMUNICATION = 0x00FF, 0x0380, 0x0780
"""PCI_CLASS_OTHERS, PCI_CLASS_DISPLAY_OTHER and PCI_CLASS_COMMUNICATION_OTHER."""


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`class`, a number."""
    parts = device.type.parts(guest.release).values() if device.type is not None else ()
    if "virtio-balloon-device" in parts:
        return base._replace(value=_OTHERS, origin=DERIVED, detail="as this type always has")
    if base.value in (_OTHERS, _DISPLAY, _COMMUNICATION):
        return base
    return base._replace(value=_COMMUNICATION, origin=DERIVED, detail="a controller of communication")
