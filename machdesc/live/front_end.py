"""Front ends, as far as they depend on a back end: what they use, and which cannot do without the host."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from machdesc.backend.option import Option

_DEVICE, _SERVER, _VHOST = "needs a device of the host", "needs its server", "needs the host's vhost"

_LEFT_OUT = {
    "vfio-*": _DEVICE,
    "vhost-vsock*": _VHOST,
    "vhost-scsi*": _VHOST,
    "vhost-vdpa*": _DEVICE,
    "vhost-user-gpu*": _SERVER,
    "vhost-user-vga": _SERVER,
    "vhost-user-input*": _SERVER,
    "usb-host": _DEVICE,
    "virtio-input-host*": _DEVICE,
    "ivshmem-doorbell": _SERVER,
    "u2f-passthru": _DEVICE,
    "u2f-emulated": "needs its files",
    "*-gl": "needs a display with OpenGL",
    "*-gl-pci": "needs a display with OpenGL",
    "*-gl-device": "needs a display with OpenGL",
    "*-rutabaga*": "needs a display with OpenGL",
}
"""Types of devices that cannot be started without something of the host -> what."""

_BACK_ENDS = ("netdev", "chardev", "tpmdev", "drive", "fsdev")
_HOST_DISKS = ("scsi-block", "scsi-generic")
_DISK_KEYS = ("bus", "channel", "scsi-id", "lun", "drive", "bootindex")
_GENERATION = "00000000-0000-0000-0000-000000000001"


class FrontEnd(NamedTuple):
    """A device: its type, its id (else its type again) and its properties as texts."""

    type: str
    name: str
    properties: dict[str, str]

    @property
    def is_vhost_user(self) -> bool:
        """Whether another program does its work."""
        return self.type.startswith("vhost-user")

    @staticmethod
    def of(option: Option) -> FrontEnd:
        """The device of a `-device` option in either form; a JSON value stays as its text."""
        if option.json:
            values = json.loads(option.json)
            type_, name = values.pop("driver"), values.pop("id", "")
            return FrontEnd(type_, name or type_, {key: str(value) for key, value in values.items()})
        return FrontEnd(option.first, option.id or option.first, dict(option.pairs))


def front_ends(options: Sequence[Option]) -> dict[str, FrontEnd]:
    """Id of a back end -> the device that uses it."""
    found = {}
    for option in options:
        if option.name == "device":
            device = FrontEnd.of(option)
            found.update({device.properties[k]: device for k in _BACK_ENDS if k in device.properties})
    return found


def replace_front_end(option: Option) -> tuple[Option | None, str]:
    """The device, or what stands in its place, or None; and why it is not the same."""
    device = FrontEnd.of(option)
    for pattern, need in _LEFT_OUT.items():
        if fnmatchcase(device.type, pattern):
            return None, f"is left out: {need}"
    if device.type in _HOST_DISKS:
        pairs = tuple((key, device.properties[key]) for key in _DISK_KEYS if key in device.properties)
        plain = Option("device", "scsi-hd", device.name, pairs, option.section, option.first_key)
        return plain, "is a disk of the host: shown as scsi-hd"
    if device.type == "vmgenid" and device.properties.get("guid", "auto") == "auto":
        fixed = (*(pair for pair in option.pairs if pair[0] != "guid"), ("guid", _GENERATION))
        text = option.json and json.dumps({**json.loads(option.json), "guid": _GENERATION})
        return option._replace(pairs=fixed, json=text), "is random at each start: shown as always the same"
    return option, ""
