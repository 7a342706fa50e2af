"""Splits SMBIOS tables into structures, and their strings from their other fields (DSP0134)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

STRINGS = {
    0: {0x04: "vendor", 0x05: "version", 0x08: "release date"},
    1: {
        0x04: "manufacturer",
        0x05: "product",
        0x06: "version",
        0x07: "serial",
        0x19: "sku",
        0x1A: "family",
    },
    2: {0x04: "manufacturer", 0x05: "product", 0x06: "version", 0x07: "serial", 0x08: "asset"},
    3: {0x04: "manufacturer", 0x06: "version", 0x07: "serial", 0x08: "asset", 0x15: "sku"},
    4: {
        0x04: "socket designation",
        0x07: "manufacturer",
        0x10: "version",
        0x20: "serial",
        0x21: "asset",
        0x22: "part",
    },
    17: {0x10: "locator", 0x11: "bank", 0x17: "manufacturer", 0x18: "serial", 0x19: "asset", 0x1A: "part"},
}
"""Type -> offset of a field that is the number of a string -> the field's name."""


class Structure(NamedTuple):
    """A structure: its type, its handle, its fields from offset 0 on, its strings."""

    type: int
    handle: int
    fields: bytes
    strings: tuple[str, ...]


def split_structures(blob: bytes) -> list[Structure]:
    """The structures, in order; what is damaged ends the list."""
    structures = []
    offset = 0
    while offset + 4 <= len(blob):
        length = blob[offset + 1]
        end = blob.find(b"\0\0", offset + length)
        if length < 4 or end < 0:
            break
        texts = blob[offset + length : end].split(b"\0") if end > offset + length else []
        structures.append(
            Structure(
                blob[offset],
                int.from_bytes(blob[offset + 2 : offset + 4], "little"),
                blob[offset : offset + length],
                tuple(text.decode("utf-8", "replace") for text in texts),
            )
        )
        offset = end + 2
    return structures


def smbios_view(blob: bytes) -> Iterator[tuple[tuple[str, ...], object]]:
    """Keys begin with `smbios`, `type N` and the structure's handle."""
    for structure in split_structures(blob):
        base = ("smbios", f"type {structure.type}", f"{structure.handle:#06x}")
        names = STRINGS.get(structure.type, {})
        fields = bytearray(structure.fields)
        told = set()
        for offset, name in names.items():
            if offset < len(fields) and 0 < fields[offset] <= len(structure.strings):
                yield (*base, name), structure.strings[fields[offset] - 1]
                told.add(fields[offset])
                fields[offset] = 0
        for number, text in enumerate(structure.strings, 1):
            if number not in told:
                yield (*base, f"string {number}"), text
        yield (*base, "fields"), fields[4:].hex(" ")
