"""The bytes that the real-time clock keeps: memory sizes, floppy types and boot order for old firmware."""

from __future__ import annotations

from collections.abc import Iterator

from machdesc.live.process import Process
from machdesc.live.qtest import read_port, write_port

_INDEX, _DATA, _SIZE = 0x70, 0x71, 128

Reading = tuple[tuple[str, ...], object]


def read_cmos(process: Process) -> Iterator[Reading]:
    """Keys begin with `cmos` and the byte's index; nothing of a machine without such a clock."""
    lines = [line for n in range(_SIZE) for line in (write_port(1, _INDEX, n), read_port(1, _DATA))]
    values = [int(answer, 16) for answer in process.qtest.ask_all(lines)[1::2]]
    if any(value != 0xFF for value in values):
        for number, value in enumerate(values):
            yield ("cmos", f"{number:#04x}"), f"{value:#04x}"
