"""Reads virtio devices on PCI: features, queues and config, as the driver finds them after a reset.

The modern registers are read through the PCI configuration access capability (virtio 1.2, 4.1.4.9),
which needs no BAR to be mapped; those of the legacy interface through its I/O BAR.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from machdesc.live.config_space import ConfigSpace
from machdesc.live.pci import Function
from machdesc.live.pci_window import mapped_bars
from machdesc.live.qtest import Qtest, read_port, write_port

_VENDOR = 0x1AF4
_DEVICES = range(0x1000, 0x1080)
_VENDOR_CAPABILITY = 0x09

_COMMON, _DEVICE, _ACCESS = 1, 4, 5
"""Kinds of structures that a capability tells the place of (virtio 1.2, 4.1.4)."""

_FEATURE_SELECT, _FEATURE, _QUEUE_COUNT, _STATUS, _QUEUE_SELECT, _QUEUE_SIZE = (
    0x00,
    0x04,
    0x12,
    0x14,
    0x16,
    0x18,
)
_FEATURE_WORDS = 4
"""128 bits; a QEMU that knows 64 answers zero for the rest."""

_CONFIG_BYTES = 256
_LEGACY_CONFIG = 20
_LEGACY_CONFIG_BYTES = 64
_LEGACY_QUEUES = 1024

Reading = tuple[tuple[str, ...], object]


def is_virtio(function: Function) -> bool:
    """Whether it is a virtio device."""
    return function.word(0) == _VENDOR and function.word(2) in _DEVICES


def read_virtio_pci(qtest: Qtest, config: ConfigSpace, function: Function) -> Iterator[Reading]:
    """Keys begin with `virtio` and the function's path."""
    base = ("virtio", function.path)
    structures: dict[int, int] = {}
    for kind, offset in function.capabilities():
        if kind == _VENDOR_CAPABILITY:
            structures.setdefault(function.space[offset + 3], offset)
    if _COMMON in structures and _ACCESS in structures:
        yield from _read_modern(qtest, config, function, structures, base)
    if function.word(2) < 0x1040 and any(bar.number == 0 and bar.kind == "io" for bar in function.bars):
        yield from _read_legacy(qtest, config, function, (*base, "legacy"))


def _read_modern(
    qtest: Qtest, config: ConfigSpace, function: Function, structures: dict[int, int], base: tuple[str, ...]
) -> Iterator[Reading]:
    window = _Window(config, function, structures[_ACCESS])

    def at(kind: int, register: int) -> int:
        start = structures[kind] + 8
        return int.from_bytes(function.space[start : start + 4], "little") + register

    def ask(batches: Iterable[list[str]]) -> list[int]:
        """The last answer to each batch of lines."""
        batches = list(batches)
        answers = iter(qtest.ask_all(line for lines in batches for line in lines))
        return [int([next(answers) for _ in lines][-1], 16) for lines in batches]

    # Before a driver resets the device, QEMU 10.0 shows other sizes of queues.
    qtest.ask_all(window.write(at(_COMMON, _STATUS), 0, 1))
    words = ask(
        window.write(at(_COMMON, _FEATURE_SELECT), n, 4) + window.read(at(_COMMON, _FEATURE), 4)
        for n in range(_FEATURE_WORDS)
    )
    for bit in (bit for bit in range(32 * _FEATURE_WORDS) if words[bit // 32] >> bit % 32 & 1):
        yield (*base, "feature", f"{bit}"), "on"
    (count,) = ask([window.read(at(_COMMON, _QUEUE_COUNT), 2)])
    yield (*base, "queues"), count
    sizes = ask(
        window.write(at(_COMMON, _QUEUE_SELECT), n, 2) + window.read(at(_COMMON, _QUEUE_SIZE), 2)
        for n in range(count)
    )
    for number, size in enumerate(sizes):
        yield (*base, "queue", f"{number}", "size"), size
    notify = ask(
        window.write(at(_COMMON, _QUEUE_SELECT), n, 2) + window.read(at(_COMMON, 0x1E), 2)
        for n in range(count)
    )
    yield (*base, "notify offsets"), tuple(notify)
    if _DEVICE in structures:
        values = ask(window.read(at(_DEVICE, n), 1) for n in range(_CONFIG_BYTES))
        # Beyond the end of its config, a device reads as ones.
        yield from config_words(base, bytes(values).rstrip(b"\xff"))


class _Window:
    """Lines of qtest that access the structures of a device through its config space."""

    def __init__(self, config: ConfigSpace, function: Function, capability: int) -> None:
        self._config = config
        self._place = function.place
        self._capability = capability

    def read(self, offset: int, width: int) -> list[str]:
        """Lines of which the last is answered by the register's value."""
        return [
            *self._aim(offset, width),
            *self._config.read_lines(self._place, self._capability + 16, width),
        ]

    def write(self, offset: int, value: int, width: int) -> list[str]:
        """Lines that write a register."""
        lines = self._config.write_lines(self._place, self._capability + 16, value, width)
        return [*self._aim(offset, width), *lines]

    def _aim(self, offset: int, width: int) -> list[str]:
        return [
            *self._config.write_lines(self._place, self._capability + 8, offset),
            *self._config.write_lines(self._place, self._capability + 12, width),
        ]


def _read_legacy(
    qtest: Qtest, config: ConfigSpace, function: Function, base: tuple[str, ...]
) -> Iterator[Reading]:
    registers = next(bar for bar in function.bars if bar.number == 0)
    with mapped_bars(config, function, registers) as places:
        port = places[0]
        qtest.ask_all([write_port(1, port + 18, 0)])  # reset
        features = qtest.port(4, port)
        size = min(registers.size - _LEGACY_CONFIG, _LEGACY_CONFIG_BYTES)
        values = qtest.numbers(read_port(1, port + _LEGACY_CONFIG + n) for n in range(size))
        sizes = []
        for number in range(_LEGACY_QUEUES):
            qtest.ask_all([write_port(2, port + 14, number)])
            queue = qtest.port(2, port + 12)
            if queue == 0:
                break
            sizes.append(queue)
    for bit in (bit for bit in range(32) if features >> bit & 1):
        yield (*base, "feature", f"{bit}"), "on"
    yield (*base, "queue sizes"), tuple(sizes)
    yield from config_words(base, bytes(values))


def config_words(base: tuple[str, ...], content: bytes) -> Iterator[Reading]:
    """A device's config, four bytes a key."""
    for offset in range(0, len(content), 4):
        yield (*base, "config", f"{offset:#04x}"), content[offset : offset + 4].hex(" ")
