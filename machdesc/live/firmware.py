"""What firmware is told over fw_cfg, as key and value: ACPI and SMBIOS tables apart, the rest as it is."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

from machdesc.live.acpi import acpi_view
from machdesc.live.fw_cfg import open_fw_cfg
from machdesc.live.process import Process
from machdesc.live.smbios import smbios_view

_SHOWN_BYTES = 64
_E820 = struct.Struct("<QQI")
_E820_KINDS = {1: "RAM", 2: "reserved", 3: "ACPI", 4: "ACPI NVS", 5: "unusable", 7: "persistent"}
_SPLIT = {"etc/acpi/tables": acpi_view, "etc/smbios/smbios-tables": smbios_view}

Reading = tuple[tuple[str, ...], object]


def read_firmware(process: Process) -> Iterator[Reading]:
    """Keys begin with `fw_cfg`, `acpi` or `smbios`; nothing of a machine without fw_cfg."""
    device = open_fw_cfg(process.qtest)
    if device is None:
        return
    for name, content in device.items().items():
        yield ("fw_cfg", "item", name), shown(content)
    for name, content in device.files().items():
        base = ("fw_cfg", "file", name)
        if name in _SPLIT:
            yield (*base, "size"), len(content)
            yield from _SPLIT[name](content)
        elif name == "etc/e820":
            for start, size, kind in _E820.iter_unpack(content[: len(content) // 20 * 20]):
                yield (*base, f"{start:#x}"), f"{size:#x} {_E820_KINDS.get(kind, kind)}"
        elif name == "bootorder":
            yield base, tuple(content.rstrip(b"\0").decode().split("\n"))
        elif name == "etc/table-loader":
            yield (*base, "sha256"), hashlib.sha256(content).hexdigest()
        else:
            yield base, shown(content)


def shown(content: bytes) -> str:
    """What a view has of a content: a text as it is, few bytes in hex, many as their hash."""
    text = content.rstrip(b"\0")
    if text and text.isascii() and text.decode().isprintable() and len(text) > 3:
        return text.decode()
    if len(content) <= _SHOWN_BYTES:
        return content.hex(" ")
    return f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}"
