"""Reads QEMU's firmware configuration device: its numbered items and its files (docs/specs/fw_cfg).

Contents come by its DMA interface, in steps through a piece of guest memory that is put back as it
was; a device without DMA is read byte by byte.
"""

from __future__ import annotations

import struct

from machdesc.live.qtest import Qtest, read_port, write_port

_SELECTOR, _DATA, _DMA_HIGH, _DMA_LOW = 0x510, 0x511, 0x514, 0x518
_SIGNATURE, _INTERFACES, _DIRECTORY = 0x00, 0x01, 0x19
_DMA = 2
_READ, _SELECT, _ERROR = 2, 8, 1
_CONTROL, _BUFFER, _BUFFER_BYTES = 0x8000, 0x10000, 0x10000
_ENTRY = struct.Struct(">IHH56s")

ITEMS = {
    0x02: ("UUID", 16),
    0x03: ("RAM size", 8),
    0x04: ("no graphics", 2),
    0x05: ("processors", 2),
    0x06: ("machine id", 2),
    0x08: ("kernel size", 4),
    0x0B: ("initrd size", 4),
    0x0C: ("boot device", 2),
    0x0E: ("boot menu", 2),
    0x0F: ("highest processor number", 2),
    0x14: ("kernel command line size", 4),
    0x17: ("kernel set-up size", 4),
    0x8002: ("IRQ 0 override", 4),
    0x8004: ("HPETs", 121),
}
"""Number of an item -> what it is, and its size in bytes (include/standard-headers/linux/qemu_fw_cfg.h)."""


class FwCfg:
    """The device behind the I/O ports 0x510 and up."""

    def __init__(self, qtest: Qtest) -> None:
        self._qtest = qtest
        self._dma = bool(self._read_ports(_INTERFACES, 4)[0] & _DMA)

    def items(self) -> dict[str, bytes]:
        """Contents of the numbered items, by what they are."""
        return {name: self._read(number, size) for number, (name, size) in ITEMS.items()}

    def files(self) -> dict[str, bytes]:
        """Contents of the files, by name."""
        (count,) = struct.unpack(">I", self._read(_DIRECTORY, 4))
        listed = self._read(_DIRECTORY, 4 + count * _ENTRY.size)[4:]
        return {
            name.split(b"\0")[0].decode(): self._read(number, size)
            for size, number, _, name in _ENTRY.iter_unpack(listed)
        }

    def _read(self, item: int, size: int) -> bytes:
        return self._read_dma(item, size) if self._dma else self._read_ports(item, size)

    def _read_ports(self, item: int, size: int) -> bytes:
        lines = [write_port(2, _SELECTOR, item), *[read_port(1, _DATA)] * size]
        return bytes(int(answer, 16) for answer in self._qtest.ask_all(lines)[1:])

    def _read_dma(self, item: int, size: int) -> bytes:
        before = self._qtest.memories([(_CONTROL, 16), (_BUFFER, min(size, _BUFFER_BYTES))])
        content = b""
        control = item << 16 | _SELECT | _READ
        while len(content) < size:
            step = min(size - len(content), _BUFFER_BYTES)
            self._qtest.write(_CONTROL, struct.pack(">IIQ", control, step, _BUFFER))
            # The registers are big-endian.
            low = int.from_bytes(struct.pack(">I", _CONTROL), "little")
            self._qtest.ask_all([write_port(4, _DMA_HIGH, 0), write_port(4, _DMA_LOW, low)])
            answer, data = self._qtest.memories([(_CONTROL, 4), (_BUFFER, step)])
            if struct.unpack(">I", answer)[0] & _ERROR:
                raise RuntimeError(f"fw_cfg item {item:#x} cannot be read")
            content += data
            control = _READ
        self._qtest.write(_CONTROL, before[0])
        if before[1]:
            self._qtest.write(_BUFFER, before[1])
        return content


def open_fw_cfg(qtest: Qtest) -> FwCfg | None:
    """The device, None of a machine without it."""
    lines = [write_port(2, _SELECTOR, _SIGNATURE), *[read_port(1, _DATA)] * 4]
    signature = bytes(int(answer, 16) for answer in qtest.ask_all(lines)[1:])
    return FwCfg(qtest) if signature == b"QEMU" else None
