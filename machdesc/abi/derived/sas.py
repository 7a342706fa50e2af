"""SAS controllers: an address made of the PCI address, and a serial number that is always the same.

Sources: `megasas_scsi_realize` in hw/scsi/megasas.c and `mptsas_scsi_realize` in hw/scsi/mptsas.c.
Bridges have no numbers yet when devices are made, so that all lie on bus 0.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, UNKNOWN, Effective
from machdesc.resolve.address import function_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest


_LOCAL = 0x3525400 << 36
"""NAA_LOCALLY_ASSIGNED_ID and IEEE_COMPANY_LOCALLY_ASSIGNED, where they stand."""


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`sas_address`, a number, and `hba_serial`, a text."""
    del guest
    if base.value:
        return base
    if base.name == "hba_serial":
        return base._replace(value="QEMU123456", origin=DERIVED, detail="the same for all")
    if device.address is None or not device.address.unit:
        return base._replace(value=None, origin=UNKNOWN, detail="QEMU chooses the PCI address it is made of")
    slot, function = function_of(device.address.properties)
    value = _LOCAL | slot << 8 | function
    return base._replace(value=value, origin=DERIVED, detail="made of the PCI address")
