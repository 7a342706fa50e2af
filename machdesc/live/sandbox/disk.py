"""What front ends notice of a disk: how large it is, whether it can be written, whether it is firmware.

The size is what the options say, else that of the file, as far as it is there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from machdesc.backend.option import Option
from machdesc.source import open_regular, read_bytes

UNKNOWN_SIZE = 1 << 30
_FLOPPY_SIZE = 1474560
_FIRMWARE_SIZES = {"pflash0": 3653632, "pflash1": 540672}
"""Bytes of the two files of OVMF's 4 MiB builds."""

_FDSET = 700
_PFLASH = ("pflash0", "pflash1")
_QCOW2 = b"QFI\xfb"
_EXTERNAL_DATA = 1 << 2
"""An incompatible feature of qcow2 (docs/interop/qcow2): the content is in another file."""

FIRMWARE_BYTES = 64 << 20
"""Largest firmware that is copied; the flash of a PC has 8 MiB (hw/i386/pc_sysfw.c)."""

MOST_COPIES_BYTES = 2 * FIRMWARE_BYTES
"""Of all firmware of a guest together: the copies are held in memory, and a PC has two pieces of flash."""

_FIRMWARE_DRIVERS = {"", "raw", "qcow2", "file"}
_FIRMWARE_KEYS = (
    "node-name", "driver", "file", "read-only", "readonly", "auto-read-only", "offset", "size", "if",
    "format", "unit", "index",
)  # fmt: skip
_SIZE = re.compile(r"([0-9]{1,32})([kKMGTPE]?)(?:i?B)?$")
_UNITS = {"": 0, "k": 10, "K": 10, "M": 20, "G": 30, "T": 40, "P": 50, "E": 60}


class Disk(NamedTuple):
    """A disk as a front end sees it; the size is in bytes, a guess unless `is_known`.

    `is_top` unless another one is made of it.
    """

    size: int
    is_known: bool
    read_only: bool
    firmware: bool
    is_top: bool


Nodes = Mapping[str, Mapping[str, str]]


def resolve_disks(options: Sequence[Option], directory: Path) -> dict[str, Disk]:
    """Node name or drive id -> disk, for every `blockdev` and `drive` of the options."""
    nodes = {}
    for option in options:
        pairs = dict(option.pairs)
        if option.name == "blockdev":
            nodes[pairs.get("node-name", "")] = {"driver": option.first, **pairs}
        elif option.name == "drive":
            nodes[option.id] = {"driver": pairs.get("format", ""), "drive": "on", **pairs}
    flash = _pflash(options)
    floppies = _floppies(options)
    below = {name for top in nodes for name in _reachable(nodes, top) - {top}}
    disks = {}
    for name, pairs in nodes.items():
        firmware = any(name in _reachable(nodes, root) for root in flash) or pairs.get("if") == "pflash"
        file = _file(nodes, pairs, directory)
        size = _size(nodes, pairs, directory)
        guess = UNKNOWN_SIZE
        if name in floppies:
            guess = _FLOPPY_SIZE
        if name in flash:
            guess = _FIRMWARE_SIZES[flash[name]]
        read_only = "on" in (pairs.get("read-only"), pairs.get("readonly"))
        is_firmware = firmware and file is not None and _is_plain_image(nodes, name, file)
        disks[name] = Disk(size or guess, size > 0, read_only, is_firmware, name not in below)
    return disks


def firmware_copy(option: Option, directory: Path, copies: dict[int, bytes]) -> Option | None:
    """The option with its file replaced by a copy in memory, which is added to `copies`; None when the file
    names another one, or the copies would be too large.

    The file itself is neither locked nor written, and need not be where QEMU runs. Of the nodes within, only
    that of the file is kept: any other, such as a backing one, would be looked at by nobody.
    """
    pairs = []
    for key, value in option.pairs:
        *above, last = key.split(".")
        if any(name != "file" for name in above):
            continue
        if last == "filename" or (last == "file" and option.name == "drive"):
            number = _FDSET + len(copies)
            try:
                content = read_bytes(directory / value, FIRMWARE_BYTES)
            except (OSError, ValueError):
                return None
            together = sum(map(len, copies.values())) + len(content)
            if not _is_plain(content) or together > MOST_COPIES_BYTES:
                return None
            copies[number] = content
            pairs.append((key, f"/dev/fdset/{number}"))
            # Without a format, QEMU looks for one in the content, of which some name further files.
            if option.name == "drive" and "format" not in dict(option.pairs):
                pairs.append(("format", "qcow2" if content[:4] == _QCOW2 else "raw"))
        elif last in _FIRMWARE_KEYS:
            pairs.append((key, value))
    return option._replace(pairs=tuple(pairs))


def _is_plain_image(nodes: Nodes, name: str, path: Path) -> bool:
    """Whether firmware is in a file that names no other: raw, or qcow2 without a backing or a data file."""
    drivers = {
        value
        for node in _reachable(nodes, name)
        for key, value in nodes[node].items()
        if key.rsplit(".", 1)[-1] in ("driver", "format")
    }
    if not drivers <= _FIRMWARE_DRIVERS:
        return False
    try:
        return _is_plain(read_bytes(path, FIRMWARE_BYTES))
    except OSError:
        return False


def _is_plain(content: bytes) -> bool:
    """Whether the content of an image names no other file."""
    if content[:4] == _QCOW2:
        version, backing = int.from_bytes(content[4:8], "big"), int.from_bytes(content[8:16], "big")
        incompatible = int.from_bytes(content[72:80], "big") if version >= 3 else 0
        return backing == 0 and not incompatible & _EXTERNAL_DATA
    return len(content) <= FIRMWARE_BYTES


def _pflash(options: Sequence[Option]) -> dict[str, str]:
    """Node -> the machine's property that has it as firmware."""
    return {
        value: key
        for option in options
        if option.name == "machine"
        for key, value in option.pairs
        if key in _PFLASH
    }


def _floppies(options: Sequence[Option]) -> set[str]:
    return {
        value
        for option in options
        if option.name == "device" and option.first == "floppy"
        for key, value in option.pairs
        if key == "drive"
    }


def _reachable(nodes: Nodes, name: str) -> set[str]:
    """A node and those below it."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found and current in nodes:
            found.add(current)
            waiting += [value for key, value in nodes[current].items() if key.endswith(("file", "backing"))]
    return found


def _child(nodes: Nodes, pairs: Mapping[str, str]) -> Mapping[str, str]:
    """The node below: one that is named, or one that stands within."""
    if "file" in pairs and "drive" not in pairs:
        return nodes.get(pairs["file"], {})
    return {key[5:]: value for key, value in pairs.items() if key.startswith("file.")}


def _file(nodes: Nodes, pairs: Mapping[str, str], directory: Path) -> Path | None:
    """The file that a node ends in, None if there is none here."""
    for _ in range(len(nodes) + 8):
        name = pairs.get("filename") or (pairs.get("file") if "drive" in pairs else None)
        if name:
            path = directory / name
            return path if os.path.isfile(path) else None
        pairs = _child(nodes, pairs)
        if not pairs:
            return None
    return None


def _size(nodes: Nodes, pairs: Mapping[str, str], directory: Path) -> int:
    """Bytes; 0 if it cannot be told."""
    while pairs:
        told = _SIZE.match(pairs.get("size", ""))
        if told:
            return int(told[1]) << _UNITS[told[2]]
        path = _file(nodes, pairs, directory)
        if path is not None:
            return _file_size(path, pairs.get("driver", ""))
        pairs = _child(nodes, pairs)
    return 0


def _file_size(path: Path, driver: str) -> int:
    """The size of the disk that a file holds: raw, or in qcow2's header (docs/interop/qcow2)."""
    try:
        with open_regular(path) as file:
            header = file.read(32)
            if header[:4] == _QCOW2 and driver != "raw":
                return int.from_bytes(header[24:32], "big")
            return file.seek(0, os.SEEK_END)
    except OSError:
        return 0
