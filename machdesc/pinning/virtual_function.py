"""Virtual functions: places that a device with SR-IOV takes on its bus besides its own.

QEMU makes them with the device, so that no other gets them. Sources: `pcie_sriov_pf_init` in
hw/pci/pcie_sriov.c (10.0; QEMU 7.2 makes them when the guest asks), which `igb_pci_realize` in hw/net/igb.c
and `nvme_init_sriov` in hw/nvme/ctrl.c call.
"""

from __future__ import annotations

from machdesc.abi.effective import effective
from machdesc.catalog.version import version_key
from machdesc.resolve.address import function_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.pinning.unit import Place
    from machdesc.resolve.guest import Device, Guest

_SINCE = "10.0"

_IGB = (128, 2, 8)
"""IGB_VF_OFFSET, IGB_VF_STRIDE and IGB_MAX_VF_FUNCTIONS in hw/net."""

_NVME_OFFSET = _NVME_STRIDE = 1
"""NVME_VF_OFFSET and NVME_VF_STRIDE in hw/nvme/ctrl.c."""


def virtual_functions(guest: Guest, device: Device, place: Place) -> list[Place]:
    """The places of a device's virtual functions, by its own."""
    if device.type is None or version_key(guest.release) < version_key(_SINCE):
        return []
    if device.type.name == "igb":
        offset, stride, count = _IGB
    elif "sriov_max_vfs" in device.type.properties(guest.release):
        value = effective(guest, device, "sriov_max_vfs").value
        offset, stride, count = _NVME_OFFSET, _NVME_STRIDE, value if isinstance(value, int) else 0
    else:
        return []
    slot, function = function_of(place)
    first = slot * 8 + function + offset
    numbers = range(first, min(first + stride * count, 256), stride)
    return [(("addr", f"{number >> 3:02x}.{number & 7}"),) for number in numbers]
