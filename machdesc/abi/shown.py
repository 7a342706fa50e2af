"""Values as QEMU shows them over QMP, held against effective values.

QEMU shows links as QOM paths, PCI addresses as numbers, switches of three words as words; some types
change a value as the device starts. What stands here was seen on QEMU 5.2, 7.2, 10.0 and 11.1.
"""

from __future__ import annotations

import re

from machdesc.abi.effective import DEFAULT, DERIVED, Effective

_PATHS = ("/machine/", "/objects/")

_ELSEWHERE = {
    ("rocker", "*"): "a switch that makes its names and addresses up when it starts",
    ("ipoctal232", "slot"): "takes the first free slot of its carrier",
    ("ati-vga", "*"): "sets up its screen's parts when it starts",
    ("isa-applesmc", "osk"): "a dummy text where none is written",
    ("usb-mtp", "desc"): "the name of the folder",
    ("virtio-iommu-pci", "len-reserved-regions"): "the machine adds a region",
    ("i8042", "a20[0]"): "a wire, which the machine connects",
    ("i8042", "unnamed-gpio-out[0]"): "a wire, which the machine connects",
    ("i8042", "unnamed-gpio-out[1]"): "a wire, which the machine connects",
    ("virtio-gpu-pci", "virgl"): "off where the display has no OpenGL",
    ("virtio-vga", "virgl"): "off where the display has no OpenGL",
    ("usb-storage", "logical_block_size"): "since 10.0 only its part shows it",
    ("usb-storage", "physical_block_size"): "since 10.0 only its part shows it",
    ("scsi-disk", "product"): "decided by the drive, in 5.2 only",
    ("nvme", "subsys"): "since 10.0 the controller makes one of its own",
    ("machine", "device-memory-region-size"): "follows from the memory that can be plugged",
    ("virtio-blk-device", "any_layout"): "off on a transport of before virtio 1 (virtio_blk_get_features)",
    ("usb-storage", "drive"): "taken over by the disk that it creates",
    ("usb-storage", "serial"): "handed to the disk that it creates",
}
"""Type and property that QEMU changes as the device starts, beyond what is derived -> how."""


_DRAWN = {("vmgenid", "guid"), ("hv-balloon", "instanceid")}
"""Type and property for which QEMU draws a UUID at every start where `auto` is asked, as it is by default
(`set_uuid` and `set_default_uuid_auto` in hw/core/qdev-properties-system.c)."""


def why_drawn(type: str, value: Effective) -> str:
    """Why QEMU shows another value of a property at every start; empty where it does not."""
    is_drawn = (type, value.name) in _DRAWN and value.value == "auto"
    return "QEMU draws a UUID at every start where `auto` is asked" if is_drawn else ""


def why_changed(type: str, value: Effective, qom_type: str) -> str:
    """Why QEMU may show something else of a property than what it was given; empty where it does not.

    `qom_type` is QEMU's word for the property's type.
    """
    if value.origin == DEFAULT and qom_type.startswith("link<"):
        return "a link that QEMU makes where none is asked for"
    return why_made_up(type, value.name)


def why_made_up(type: str, name: str) -> str:
    """Why QEMU shows something else of a property than what it was given, whatever that was; empty where it
    does not."""
    return _ELSEWHERE.get((type, name)) or _ELSEWHERE.get((type, "*"), "")


def is_shown(value: Effective, shown: object) -> bool:
    """Whether what QEMU shows is an effective value."""
    if value.origin == DERIVED and shown == "auto":
        return True  # QEMU has chosen, and goes on showing what it was given
    if value.name == "rombar" and (value.value, shown) in ((1, -1), (-1, 1)):
        return True  # where -1 is the default, it says the same (11.1)
    return plain(value.value) == _as_written(value, shown)


def plain(value: object) -> object:
    """A value without the difference between a switch and its word."""
    return {"on": True, "off": False}.get(value, value) if isinstance(value, str) else value


def _as_written(value: Effective, shown: object) -> object:
    """What QEMU shows, in the form of the effective value: objects by their ids, PCI addresses as they
    are written, zeros of an address or UUID that is not set as nothing."""
    if value.name == "addr" and isinstance(shown, int) and isinstance(value.value, str):
        return f"{shown >> 3:02x}.{shown & 7}"
    if isinstance(shown, str) and shown.startswith(_PATHS):
        return shown.rpartition("/")[2]
    if isinstance(shown, str) and re.fullmatch("[0:-]+", shown) and not value.value:
        return ""
    return plain(shown)
