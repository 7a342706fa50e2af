"""Reads virtio devices on PCI as a driver does that takes all features: these, the config, the queues."""

from __future__ import annotations

from collections.abc import Iterator

from machdesc.live.config_space import ConfigSpace
from machdesc.live.pci import Function
from machdesc.live.pci_window import mapped_bars
from machdesc.live.qtest import Qtest, read_port, write_port
from machdesc.live.virtio_window import COMMON, DEVICE, VirtioWindow

_VENDOR = 0x1AF4
_DEVICES = range(0x1000, 0x1080)
_FIRST_MODERN = 0x1040
_INPUT = 0x1052

_FEATURE_SELECT, _FEATURE = 0x00, 0x04
_TAKEN_SELECT, _TAKEN = 0x08, 0x0C
_QUEUE_COUNT, _STATUS = 0x12, 0x14
_QUEUE_SELECT, _QUEUE_SIZE, _QUEUE_NOTIFY = 0x16, 0x18, 0x1E
"""Registers of the common structure (virtio 1.2, 4.1.4.3)."""

_FEATURE_WORDS = 4
"""128 bits; a QEMU that knows 64 answers zero for the rest."""

_STANDBY = 62
"""Taking this one asks QEMU to plug another NIC."""

_DRIVER, _FEATURES_OK = 1 | 2, 8
_CONFIG_BYTES = 256

_INPUT_SELECTS = (1, 2, 3, 0x10, *(0x11 | subject << 8 for subject in range(0x20)))
"""What a virtio-input device can be asked for: name, serial, ids, properties, and events of each type."""

_LEGACY_QUEUE_SIZE, _LEGACY_QUEUE_SELECT, _LEGACY_STATUS, _LEGACY_CONFIG = 12, 14, 18, 20
_LEGACY_CONFIG_BYTES = 64
_LEGACY_QUEUES = 1024

Reading = tuple[tuple[str, ...], object]


def is_virtio(function: Function) -> bool:
    """Whether it is a virtio device."""
    return function.word(0) == _VENDOR and function.word(2) in _DEVICES


def read_virtio_pci(qtest: Qtest, config: ConfigSpace, function: Function) -> Iterator[Reading]:
    """Keys begin with `virtio` and the function's path."""
    base = ("virtio", function.path)
    window = VirtioWindow(qtest, config, function)
    if window.is_modern:
        yield from _read_modern(window, base)
        if function.word(2) == _INPUT:
            yield from _read_input(window, (*base, "input"))
    if function.word(2) < _FIRST_MODERN and any(
        bar.number == 0 and bar.kind == "io" for bar in function.bars
    ):
        yield from _read_legacy(qtest, config, function, (*base, "legacy"))


def _read_modern(window: VirtioWindow, base: tuple[str, ...]) -> Iterator[Reading]:
    # Before a driver resets the device, QEMU 10.0 shows other sizes of queues.
    window.tell([window.write(COMMON, _STATUS, 0, 1)])
    words = window.ask(
        window.write(COMMON, _FEATURE_SELECT, n, 4) + window.read(COMMON, _FEATURE, 4)
        for n in range(_FEATURE_WORDS)
    )
    for bit in (bit for bit in range(32 * _FEATURE_WORDS) if words[bit // 32] >> bit % 32 & 1):
        yield (*base, "feature", f"{bit}"), "on"
    if window.has_config:
        values = window.ask(window.read(DEVICE, n, 1) for n in range(_CONFIG_BYTES))
        # Beyond the end of its config, a device reads as ones.
        yield from config_words(base, bytes(values).rstrip(b"\xff"))
    # Some devices have all of their queues only for a driver that can use them.
    _take(window, words)
    (count,) = window.ask([window.read(COMMON, _QUEUE_COUNT, 2)])
    yield (*base, "queues"), count
    for number, size in enumerate(_of_queues(window, count, _QUEUE_SIZE)):
        yield (*base, "queue", f"{number}", "size"), size
    yield (*base, "notify offsets"), tuple(_of_queues(window, count, _QUEUE_NOTIFY))
    window.tell([window.write(COMMON, _STATUS, 0, 1)])


def _take(window: VirtioWindow, words: list[int]) -> None:
    """Does what a driver does that takes all features that are offered."""
    words = [word & ~(1 << _STANDBY % 32) if n == _STANDBY // 32 else word for n, word in enumerate(words)]
    taken = [
        window.write(COMMON, _TAKEN_SELECT, n, 4) + window.write(COMMON, _TAKEN, word, 4)
        for n, word in enumerate(words)
        if word
    ]
    window.tell([window.write(COMMON, _STATUS, _DRIVER, 1), *taken])
    window.tell([window.write(COMMON, _STATUS, _DRIVER | _FEATURES_OK, 1)])


def _of_queues(window: VirtioWindow, count: int, register: int) -> list[int]:
    """One register of each queue."""
    return window.ask(
        window.write(COMMON, _QUEUE_SELECT, n, 2) + window.read(COMMON, register, 2) for n in range(count)
    )


def _read_input(window: VirtioWindow, base: tuple[str, ...]) -> Iterator[Reading]:
    """What is behind the selector of an input device's config (virtio 1.2, 5.8.4)."""
    for select in _INPUT_SELECTS:
        window.tell([window.write(DEVICE, 0, select & 0xFF, 1), window.write(DEVICE, 1, select >> 8, 1)])
        (size,) = window.ask([window.read(DEVICE, 2, 1)])
        if size:
            values = window.ask(window.read(DEVICE, 8 + n, 1) for n in range(size))
            yield (*base, f"{select & 0xFF:#x}", f"{select >> 8:#x}"), bytes(values).hex(" ", -4)


def _read_legacy(
    qtest: Qtest, config: ConfigSpace, function: Function, base: tuple[str, ...]
) -> Iterator[Reading]:
    registers = next(bar for bar in function.bars if bar.number == 0)
    with mapped_bars(config, function, registers) as places:
        port = places[0]
        qtest.ask_all([write_port(1, port + _LEGACY_STATUS, 0)])
        features = qtest.port(4, port)
        size = min(registers.size - _LEGACY_CONFIG, _LEGACY_CONFIG_BYTES)
        values = qtest.numbers(read_port(1, port + _LEGACY_CONFIG + n) for n in range(size))
        sizes = []
        for number in range(_LEGACY_QUEUES):
            qtest.ask_all([write_port(2, port + _LEGACY_QUEUE_SELECT, number)])
            queue = qtest.port(2, port + _LEGACY_QUEUE_SIZE)
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
