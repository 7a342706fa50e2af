"""A network card with virtual functions is a device of many functions.
Source: `pcie_sriov_pf_init` in hw/pci/pcie_sriov.c, which `igb_pci_realize` calls.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, Effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`multifunction`: on."""
    del guest, device
    if base.value is True:
        return base
    return base._replace(value=True, origin=DERIVED, detail="it has virtual functions")
