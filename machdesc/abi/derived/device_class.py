"""The PCI class of virtio's serial controller, which allows only three (`class` 0 stands for none).
Source: `virtio_serial_pci_realize` in hw/virtio/virtio-serial-pci.c.
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
    del guest, device
    if base.value in (_OTHERS, _DISPLAY, _COMMUNICATION):
        return base
    return base._replace(value=_COMMUNICATION, origin=DERIVED, detail="a controller of communication")
