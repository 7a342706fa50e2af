"""Displays: the screen that one tells of as its best where none is written, and the size of its memory.

The screen is 1024 × 768 up to 6.2, then 1280 × 800, under every machine type: `qemu_edid_generate` in
hw/display/edid-generate.c (5.2, 7.2, 10.2). Memory is rounded up to a power of two: `vga_common_init` in
hw/display/vga.c, `bochs_display_realize` in hw/display/bochs-display.c, `qxl_init_ramsize` in
hw/display/qxl.c.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, Effective, effective
from machdesc.catalog.version import version_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_WIDE_SINCE = "7.0"

_VGA_MB, _QXL_MB = (1, 512), (8, 256)
"""The least and the most memory; outside, QEMU takes these."""


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`xres` and `yres`, in pixels; `vgamem_mb` in MiB and `vgamem` in bytes."""
    if base.name in ("vgamem", "vgamem_mb"):
        return _memory(guest, device, base)
    if base.value != 0 or _is_silent(guest, device):
        return base
    wide = version_key(guest.release) >= version_key(_WIDE_SINCE)
    size = {"xres": 1280 if wide else 1024, "yres": 800 if wide else 768}
    return base._replace(
        value=size[base.name], origin=DERIVED, detail=f"what QEMU {guest.release} tells as best"
    )


def _memory(guest: Guest, device: Device, base: Effective) -> Effective:
    if not isinstance(base.value, int) or base.value < 0 or device.type is None:
        return base
    value = base.value
    if base.name == "vgamem_mb":
        low, high = _QXL_MB if "pci-qxl" in device.type.parents(guest.release) else _VGA_MB
        value = min(max(value, low), high)
    rounded = 1 << (value - 1).bit_length() if value else 0
    if rounded == base.value:
        return base
    return base._replace(value=rounded, origin=DERIVED, detail="QEMU takes a power of two")


def _is_silent(guest: Guest, device: Device) -> bool:
    """Whether the display tells nothing of its screen."""
    known = device.type.properties(guest.release) if device.type is not None else {}
    return "edid" in known and effective(guest, device, "edid").value is False
