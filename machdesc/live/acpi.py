"""Splits QEMU's blob of ACPI tables, as fw_cfg holds it, into tables that can be named.

Pointers between tables are not filled in yet, and checksums are zero: firmware does both, by the
table loader. So equal tables have equal bytes, wherever they lie.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

_HEADER = 36
_ENTRIES = {"APIC": 44, "SRAT": 48}
"""Tables that are a list of entries (type, length, …) -> where it begins (ACPI 6.5, 5.2.12 and 5.2.16)."""
_SMALL = 4096


class Table(NamedTuple):
    """A table: its signature, all its bytes."""

    signature: str
    content: bytes


def split_tables(blob: bytes) -> list[Table]:
    """The tables, in order. What is no table ends the list but for zeros, which only align."""
    tables = []
    offset = 0
    while offset + 8 <= len(blob):
        if blob[offset] == 0:
            offset += 1
            continue
        signature = blob[offset : offset + 4]
        length = int.from_bytes(blob[offset + 4 : offset + 8], "little")
        if not signature.isalnum() or length < 8 or offset + length > len(blob):
            break
        tables.append(Table(signature.decode(), blob[offset : offset + length]))
        offset += length
    return tables


def acpi_view(blob: bytes) -> Iterator[tuple[tuple[str, ...], object]]:
    """Keys begin with `acpi` and the table's signature (`SSDT`, `SSDT 2`, …)."""
    seen: dict[str, int] = {}
    for signature, content in split_tables(blob):
        seen[signature] = seen.get(signature, 0) + 1
        name = signature if seen[signature] == 1 else f"{signature} {seen[signature]}"
        yield from _table_view(("acpi", name), signature, content)


def _table_view(
    base: tuple[str, ...], signature: str, content: bytes
) -> Iterator[tuple[tuple[str, ...], object]]:
    yield (*base, "length"), len(content)
    start = 8
    if signature != "FACS":
        yield (*base, "revision"), content[8]
        yield (*base, "OEM id"), _text(content[10:16])
        yield (*base, "OEM table id"), _text(content[16:24])
        start = _HEADER
    if signature in _ENTRIES:
        start = _ENTRIES[signature]
        yield (*base, "header"), content[_HEADER:start].hex(" ")
        number = 0
        while start + 2 <= len(content) and content[start + 1]:
            entry = content[start : start + content[start + 1]]
            yield (*base, "entry", f"{number}"), entry.hex(" ")
            start += len(entry)
            number += 1
    elif signature in ("DSDT", "SSDT") or len(content) > _SMALL:
        yield (*base, "sha256"), hashlib.sha256(content[start:]).hexdigest()
    else:
        for offset in range(start, len(content), 4):
            yield (*base, f"{offset:#04x}"), content[offset : offset + 4].hex(" ")


def _text(data: bytes) -> str:
    return data.decode("latin-1").rstrip("\0 ")
