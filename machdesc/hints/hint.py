"""What a hint file holds, and its form.

A first line `machdesc-hints VERSION sha256=DIGEST`, then lines of base64: JSON with sorted keys,
compressed by zlib. The digest is that of the JSON. The JSON has the fields of `Hints`, devices as
lists in the order of `DeviceHint`'s fields. Nobody but machdesc reads it, so a later version may change
all of it; the number in the first line tells.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib

from machdesc.record import Record
from machdesc.shape import ANY, NUMBER, SIZE, WORD, Text, misfit, parse_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    Values: TypeAlias = Mapping[str, "bool | int | str"]

VERSION = 2
_MAGIC = "machdesc-hints"
_WIDTH = 76
_MOST_DIGITS = 9
"""A version with more is none."""

MOST_BYTES = 16 << 20
"""A file, or what it unpacks to, that is larger is none of ours."""


_VALUES = {str: (bool, NUMBER, str)}
_DEVICE: dict[str, Any] = {
    "type": WORD,
    "id": str,
    "given": bool,
    "bus": str,
    "unit": str,
    "values": _VALUES,
}
_SHAPE: dict[str, Any] = {
    "version": Text(re.compile(r"[0-9.]{1,30}"), "a version"),
    "package": str,
    "arch": WORD,
    "machine": WORD,
    "machine_values": _VALUES,
    "cpu": str,
    "cpu_values": _VALUES,
    "cpu_flags": _VALUES,
    "memory": {"size?": SIZE, "slots?": SIZE, "max?": SIZE},
    "topology": {str: SIZE},
    "devices": [[ANY]],
}


class Unreadable(Exception):
    """A file that holds no hints, or damaged ones; the text says what is wrong and what to do."""


class DeviceHint(Record):
    """A device as it was.

    `id` is empty where it had none; `given` tells whether somebody asked for it, else the machine made it.
    `bus` and `unit` are where it was plugged in, as `at BUS/UNIT` writes it. `values` are its properties,
    those that only a part has as `part-type.property`.
    """

    type: str
    id: str
    given: bool
    bus: str
    unit: str
    values: Values


class Hints(Record):
    """A guest as it was: the QEMU that ran it (`10.0.13`, and what its packager added), its machine type
    and that one's properties, its memory (`size` in bytes; `slots` and `max` where QEMU tells them), how many
    processors it had (`cpus`, `maxcpus`; `sockets` and the like where QEMU tells them), their type, their
    properties and those that its command line gave (none where it could not be read), and its devices."""

    version: str
    package: str
    arch: str
    machine: str
    machine_values: Values
    memory: Values
    topology: Values
    cpu: str
    cpu_values: Values
    cpu_flags: Values
    devices: tuple[DeviceHint, ...]

    @property
    def release(self) -> str:
        """The release of that QEMU, such as `10.0`."""
        return ".".join(self.version.split(".")[:2])


def hint_text(hints: Hints) -> str:
    """The file; the same hints give the same bytes."""
    plain = {name: getattr(hints, name) for name in Hints._fields}
    plain["devices"] = [list(device) for device in hints.devices]
    content = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    lines = [packed[start : start + _WIDTH] for start in range(0, len(packed), _WIDTH)]
    digest = hashlib.sha256(content).hexdigest()
    return "\n".join([f"{_MAGIC} {VERSION} sha256={digest}", *lines, ""])


def parse_hints(data: bytes) -> Hints:
    """Reads a file.

    :raises Unreadable: for anything but what `hint_text` has made.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable("is too large for a file of hints")
    head, _, body = data.partition(b"\n")
    words = head.decode("ascii", "replace").split(" ")
    if words[0] != _MAGIC:
        raise Unreadable("holds no hints; make some: machdesc hints dump --qmp SOCKET -o FILE")
    if len(words) != 3 or not words[1].isdecimal() or len(words[1]) > _MOST_DIGITS:
        raise Unreadable(_DAMAGED)
    if words[1] != str(VERSION):
        raise Unreadable(
            f"is of version {words[1]} of the format, and this machdesc reads {VERSION}: use the machdesc "
            "that made it, or dump again"
        )
    try:
        content = _unpack(base64.b64decode(b"".join(body.split(b"\n")), validate=True))
        if words[2] != f"sha256={hashlib.sha256(content).hexdigest()}":
            raise Unreadable(_DAMAGED)
        return _hints(parse_json(content))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise Unreadable(_DAMAGED) from error


_DAMAGED = "is damaged: its content is not what its first line says; take it from git, or dump again"


def _unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, MOST_BYTES)
    if not unpacker.eof or unpacker.unused_data:
        raise Unreadable(_DAMAGED)
    return content


def _hints(plain: Any) -> Hints:
    """The record of a file's content.

    :raises ValueError: when the content is anything else.
    """
    if why := misfit(plain, _SHAPE):
        raise ValueError(why)
    fields = len(DeviceHint._fields)
    if plain.keys() != {*Hints._fields} or any(len(each) != fields for each in plain["devices"]):
        raise ValueError("other fields")
    devices = tuple(DeviceHint(*each) for each in plain["devices"])
    for device in devices:
        if why := misfit(dict(zip(DeviceHint._fields, device, strict=True)), _DEVICE):
            raise ValueError(why)
    found = Hints(**{**plain, "devices": devices})
    if found.memory.get("slots") and "max" not in found.memory:
        raise ValueError("memory: slots without `max`")
    return found
