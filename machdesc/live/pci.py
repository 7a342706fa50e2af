"""Walks the PCI buses as firmware does: numbers the buses, finds all functions, sizes their BARs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from machdesc.live.config_space import PORTS_SIZE, ConfigSpace
from machdesc.live.process import Process

PCI_EXPRESS = 0x10
"""Id of the capability that only functions with 4096 bytes of config space have."""

_ABSENT = 0xFFFFFFFF
_MULTIFUNCTION = 0x80
_STATUS_CAPABILITIES = 0x10
_BRIDGE = 1
_BUS_NUMBERS = 0x18
_ROM_OFFSET = {0: 0x30, _BRIDGE: 0x38}
_BAR_COUNT = {0: 6, _BRIDGE: 2}


@dataclass(frozen=True)
class Bar:
    """A base address register: `number` 0 to 5, or 6 for the option ROM; `size` in bytes.

    `kind` is "io", "memory", "prefetchable memory" or "rom"; `wide` if it takes 64-bit addresses.
    """

    number: int
    offset: int
    size: int
    kind: str
    wide: bool = False


@dataclass(frozen=True)
class Function:
    """A PCI function. `path` is its root bus and the slots that lead to it: `00/02.0/00.0`.

    `place` is bus << 8 | device << 3 | function, as numbered here. `space` is its config space
    before it was set up. `bridges` are the places of the bridges above it, the outermost first.
    """

    path: str
    place: int
    space: bytes
    bars: tuple[Bar, ...]
    bridges: tuple[int, ...]

    @property
    def is_bridge(self) -> bool:
        """Whether there is a bus behind it."""
        return self.space[0x0E] & 0x7F == _BRIDGE

    def word(self, offset: int) -> int:
        """16 bits of its config space."""
        return int.from_bytes(self.space[offset : offset + 2], "little")

    def capabilities(self) -> Iterator[tuple[int, int]]:
        """(id, offset) of its capabilities below 0x100, in the order of the list."""
        yield from walk_capabilities(self.space)


def walk_capabilities(space: bytes) -> Iterator[tuple[int, int]]:
    """(id, offset) of the capabilities in the first 256 bytes of a config space."""
    if not space[6] & _STATUS_CAPABILITIES:
        return
    offset, seen = space[0x34] & 0xFC, set[int]()
    while offset >= 0x40 and offset not in seen:
        seen.add(offset)
        yield space[offset], offset
        offset = space[offset + 1] & 0xFC


def walk_functions(process: Process, config: ConfigSpace) -> Iterator[Function]:
    """All functions, those behind a bridge after it. Each can be reached at its place until the next one
    is asked for: a bus has a number only meanwhile, so that there are enough for any number of buses.
    """
    roots = sorted({bus["bus"] for bus in process.monitor.ask("query-pci")})
    free = tuple(number for number in range(256) if number not in roots)
    for root in roots:
        yield from _walk_bus(config, root, free, f"{root:02x}", ())


def _walk_bus(
    config: ConfigSpace, bus: int, free: tuple[int, ...], path: str, bridges: tuple[int, ...]
) -> Iterator[Function]:
    """What is on `bus` and below it; `free` are the numbers for the buses below, one for each level."""
    for place in tuple(_present(config, bus)):
        function = Function(
            f"{path}/{place >> 3 & 31:02x}.{place & 7}",
            place,
            _read_space(config, place),
            _size_bars(config, place),
            bridges,
        )
        yield function
        if function.is_bridge:
            if not free:
                raise RuntimeError(f"no bus number is left for what is behind {function.path}")
            behind, *below = free
            # It passes on all that may be behind it.
            config.write(place, _BUS_NUMBERS, bus | behind << 8 | max(free) << 16)
            yield from _walk_bus(config, behind, tuple(below), function.path, (*bridges, place))
            config.write(place, _BUS_NUMBERS, 0)


def _present(config: ConfigSpace, bus: int) -> Iterator[int]:
    """The places of a bus that answer; a function beyond the first only of a device that has more."""
    for device in range(32):
        first = bus << 8 | device << 3
        if config.read(first, 0) == _ABSENT:
            continue
        yield first
        if config.read(first, 0x0E, 1) & _MULTIFUNCTION:
            yield from (first | n for n in range(1, 8) if config.read(first | n, 0) != _ABSENT)


def _read_space(config: ConfigSpace, place: int) -> bytes:
    space = config.read_all(place, PORTS_SIZE)
    if config.size > PORTS_SIZE and any(kind == PCI_EXPRESS for kind, _ in walk_capabilities(space)):
        space = config.read_all(place, config.size)
    return space


def _size_bars(config: ConfigSpace, place: int) -> tuple[Bar, ...]:
    """Writes ones to the BARs: the bits that stay zero tell the size. Nothing is decoded meanwhile."""
    header = config.read(place, 0x0E, 1) & 0x7F
    if header not in _BAR_COUNT:
        return ()
    bars = []
    number = 0
    while number < _BAR_COUNT[header]:
        offset = 0x10 + 4 * number
        mask = _mask(config, place, offset)
        if mask & 1:
            bars.append(Bar(number, offset, _size(mask & ~3 | ~0xFFFF & _ABSENT, 32), "io"))
        elif mask:
            wide = mask & 6 == 4
            if wide:
                mask |= _mask(config, place, offset + 4) << 32
            kind = "prefetchable memory" if mask & 8 else "memory"
            bars.append(Bar(number, offset, _size(mask & ~15, 64 if wide else 32), kind, wide))
            number += wide
        number += 1
    rom = _mask(config, place, _ROM_OFFSET[header]) & ~0x7FF
    if rom:
        bars.append(Bar(6, _ROM_OFFSET[header], _size(rom, 32), "rom"))
    return tuple(bars)


def _mask(config: ConfigSpace, place: int, offset: int) -> int:
    before = config.read(place, offset)
    # Bit 0 of a ROM's register switches it on.
    config.write(place, offset, 0xFFFFFFFE if offset in _ROM_OFFSET.values() else _ABSENT)
    mask = config.read(place, offset)
    config.write(place, offset, before)
    return mask


def _size(mask: int, bits: int) -> int:
    return ((~mask) & ((1 << bits) - 1)) + 1
