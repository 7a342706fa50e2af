"""The size of a screen that a display tells of as its best where none is written: 1024 × 768 up to
6.2, then 1280 × 800, under every machine type. Source: `qemu_edid_generate` in hw/display/edid-generate.c
(5.2, 7.2, 10.2).
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, Effective, effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_WIDE_SINCE = (7, 0)


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`xres` and `yres`, in pixels."""
    if base.value != 0 or _is_silent(guest, device):
        return base
    major, _, minor = guest.release.partition(".")
    wide = (int(major), int(minor)) >= _WIDE_SINCE
    size = {"xres": 1280 if wide else 1024, "yres": 800 if wide else 768}
    return base._replace(
        value=size[base.name], origin=DERIVED, detail=f"what QEMU {guest.release} tells as best"
    )


def _is_silent(guest: Guest, device: Device) -> bool:
    """Whether the display tells nothing of its screen."""
    known = device.type.properties(guest.release) if device.type is not None else {}
    return "edid" in known and effective(guest, device, "edid").value is False
