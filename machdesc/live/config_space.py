"""Reaches PCI config space: through ports 0xcf8 and 0xcfc, or all 4096 bytes through memory (ECAM).

A guest's firmware opens ECAM; before it ran, q35 has it closed, and `open_config_space` opens it.
"""

from __future__ import annotations

import re

from machdesc.live.process import Process
from machdesc.live.qtest import Qtest, read_memory, read_port, write_memory, write_port

PORTS_SIZE = 256
ECAM_SIZE = 4096

_INDEX = 0xCF8
_DATA = 0xCFC
_ENABLE = 1 << 31
_Q35 = 0x29C08086
_PCIEXBAR = 0x60
_PCIEXBAR_ADDRESS = 0xB0000000
"""Where SeaBIOS and OVMF put it: above the RAM below 4 GiB, whatever its size (pc_q35.c)."""
_MICROVM_ECAM = re.compile(r"^ *([0-9a-f]{16})-[0-9a-f]{16} \(prio .*\): pcie-mmcfg-mmio", re.MULTILINE)


class ConfigSpace:
    """Reads and writes config space; `place` is bus << 8 | device << 3 | function."""

    def __init__(self, qtest: Qtest, ecam: int | None, host_bridge: bytes) -> None:
        self._qtest = qtest
        self._ecam = ecam
        self._host_bridge = host_bridge
        self.size = ECAM_SIZE if ecam is not None else PORTS_SIZE

    def read_all(self, place: int, size: int) -> bytes:
        """The first `size` bytes of a function's space, as they are before anything was set up."""
        if place == 0 and self._host_bridge:
            return self._host_bridge + self._read(place, len(self._host_bridge), size)
        return self._read(place, 0, size)

    def _read(self, place: int, start: int, end: int) -> bytes:
        if end <= start:
            return b""
        if self._ecam is not None:
            return self._qtest.memory(self._ecam + (place << 12) + start, end - start)
        lines = [line for offset in range(start, end, 4) for line in self.read_lines(place, offset, 4)]
        answers = self._qtest.ask_all(lines)[1::2]
        return b"".join(int(answer, 16).to_bytes(4, "little") for answer in answers)

    def read(self, place: int, offset: int, width: int = 4) -> int:
        """One access of 1, 2 or 4 bytes."""
        return int(self._qtest.ask_all(self.read_lines(place, offset, width))[-1], 16)

    def write(self, place: int, offset: int, value: int, width: int = 4) -> None:
        """One access of 1, 2 or 4 bytes."""
        self._qtest.ask_all(self.write_lines(place, offset, value, width))

    def read_lines(self, place: int, offset: int, width: int = 4) -> list[str]:
        """The lines of qtest that read; the answer to the last one is the value."""
        if self._ecam is not None:
            return [read_memory(width, self._ecam + (place << 12) + offset)]
        return [self._select(place, offset), read_port(width, _DATA + (offset & 3))]

    def write_lines(self, place: int, offset: int, value: int, width: int = 4) -> list[str]:
        """The lines of qtest that write."""
        if self._ecam is not None:
            return [write_memory(width, self._ecam + (place << 12) + offset, value)]
        return [self._select(place, offset), write_port(width, _DATA + (offset & 3), value)]

    def _select(self, place: int, offset: int) -> str:
        return write_port(4, _INDEX, _ENABLE | place << 8 | offset & 0xFC)


def open_config_space(process: Process) -> ConfigSpace | None:
    """The way to config space, None of a machine without PCI."""
    qtest = process.qtest
    ports = ConfigSpace(qtest, None, b"")
    qtest.ask_all([write_port(4, _INDEX, _ENABLE)])
    if qtest.port(4, _INDEX) == _ENABLE and ports.read(0, 0) != 0xFFFFFFFF:
        if ports.read(0, 0) != _Q35:
            return ports
        host_bridge = ports.read_all(0, PORTS_SIZE)
        ports.write(0, _PCIEXBAR + 4, 0)
        ports.write(0, _PCIEXBAR, _PCIEXBAR_ADDRESS | 1)
        return ConfigSpace(qtest, _PCIEXBAR_ADDRESS, host_bridge)
    match = _MICROVM_ECAM.search(process.monitor.human("info mtree -f"))
    return ConfigSpace(qtest, int(match[1], 16), b"") if match else None
