"""Makes the BARs of one PCI function readable, at fixed addresses, for as long as a block lasts.

Only one function decodes at a time, so all can have the same addresses. Every bridge above it
passes on the whole of the windows; afterwards all is closed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from machdesc.live.config_space import ConfigSpace
from machdesc.live.pci import Bar, Function

_MEMORY = (0xE0000000, 0xFEC00000)
"""Between ECAM and the I/O APIC, and above all RAM below 4 GiB, on both pc and q35."""
_IO = (0xC000, 0x10000)
"""Above all ports that machines have of their own."""
_COMMAND = 0x04
_DECODE = 3
_IO_WINDOW = 0x1C
_MEMORY_WINDOW = 0x20
_ROM_ENABLE = 1


@contextmanager
def mapped_bars(config: ConfigSpace, function: Function, *bars: Bar) -> Iterator[dict[int, int]]:
    """Number of each BAR -> its address while the block lasts; one for which there is no room is left out."""
    places = _place(bars)
    sizes = {bar.number: bar for bar in bars}
    undo: list[tuple[int, int, int, int]] = []

    def write(place: int, offset: int, value: int, width: int) -> None:
        undo.append((place, offset, config.read(place, offset, width), width))
        config.write(place, offset, value, width)

    try:
        for bridge in function.bridges:
            write(bridge, _IO_WINDOW, _IO[0] >> 8 | (_IO[1] - 1) >> 8 << 8, 2)
            write(bridge, _MEMORY_WINDOW, _MEMORY[0] >> 16 | (_MEMORY[1] - 1) >> 16 << 16, 4)
            write(bridge, _COMMAND, _DECODE, 2)
        for number, address in places.items():
            bar = sizes[number]
            write(function.place, bar.offset, address | (_ROM_ENABLE if bar.kind == "rom" else 0), 4)
            if bar.wide:
                write(function.place, bar.offset + 4, 0, 4)
        write(function.place, _COMMAND, _DECODE, 2)
        yield places
    finally:
        for place, offset, value, width in reversed(undo):
            config.write(place, offset, value, width)


def _place(bars: tuple[Bar, ...]) -> dict[int, int]:
    """Each BAR at a multiple of its size, the largest first."""
    found = {}
    for is_io, (start, end) in ((False, _MEMORY), (True, _IO)):
        address = start
        for bar in sorted((b for b in bars if (b.kind == "io") == is_io), key=lambda b: -b.size):
            address = (address + bar.size - 1) // bar.size * bar.size
            if address + bar.size <= end:
                found[bar.number] = address
                address += bar.size
    return found
