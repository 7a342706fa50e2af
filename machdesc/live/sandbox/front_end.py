"""Front ends: what they use of back ends, which are passed on, and with which properties."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from machdesc.backend.option import Option
from machdesc.live.sandbox.filter import Gate, Knowledge, filter_pairs, type_verdict

_BACK_ENDS = ("netdev", "chardev", "tpmdev", "drive", "fsdev")
HOST_DISKS = ("scsi-block", "scsi-generic")
"""Types that pass commands on to a disk of the host."""

_DISK_KEYS = ("bus", "channel", "scsi-id", "lun", "drive", "bootindex")
_ALWAYS = ("driver", "id", "bus")
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
    """The device, or what takes its place, or None; and why it is not the same."""
    device = FrontEnd.of(option)
    if device.type in HOST_DISKS:
        pairs = tuple((key, device.properties[key]) for key in _DISK_KEYS if key in device.properties)
        plain = Option("device", "scsi-hd", device.name, pairs, option.section, option.first_key)
        return plain, "is a disk of the host: shown as scsi-hd"
    need = type_verdict(device.type)
    if need:
        return None, f"is left out: {need}"
    if device.type == "vmgenid" and device.properties.get("guid", "auto") == "auto":
        fixed = (*(pair for pair in option.pairs if pair[0] != "guid"), ("guid", _GENERATION))
        text = option.json and json.dumps({**json.loads(option.json), "guid": _GENERATION})
        return option._replace(pairs=fixed, json=text), "is random at each start: shown as always the same"
    return option, ""


def filter_front_end(option: Option, knowledge: Knowledge, gate: Gate) -> Option:
    """The device with those properties that may be passed on."""
    if not option.json:
        place = tuple(pair for pair in option.pairs if pair[0] in _ALWAYS)
        rest = tuple(pair for pair in option.pairs if pair[0] not in _ALWAYS)
        return option._replace(pairs=(*place, *filter_pairs(rest, knowledge, gate)))
    kept: dict[str, object] = {}
    for key, value in json.loads(option.json).items():
        admitted = value if key in _ALWAYS else gate.admit(key, value, knowledge)
        if admitted is not None:
            kept[key] = admitted
    return option._replace(json=json.dumps(kept))
