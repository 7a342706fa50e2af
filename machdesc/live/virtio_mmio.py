"""Reads virtio devices that are mapped into memory, as microvm has them (virtio 1.2, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from machdesc.live.process import Process
from machdesc.live.qtest import read_memory, write_memory
from machdesc.live.virtio_pci import config_words

_MAGIC = 0x74726976
_VERSION, _DEVICE, _VENDOR = 0x04, 0x08, 0x0C
_FEATURE, _FEATURE_SELECT = 0x10, 0x14
_QUEUE_SELECT, _QUEUE_SIZE, _STATUS, _CONFIG = 0x30, 0x34, 0x70, 0x100
_CONFIG_BYTES = 0x100
_MODERN = 2
_MOST_QUEUES = 1024

Reading = tuple[tuple[str, ...], object]


def read_virtio_mmio(process: Process, memory_map: Mapping[tuple[str, ...], object]) -> Iterator[Reading]:
    """Keys begin with `virtio` and the address; `memory_map` tells where such devices are."""
    for key, what in memory_map.items():
        if key[:2] == ("map", "memory") and str(what).endswith(": virtio-mmio"):
            first = int(key[2], 16)
            last = int(str(what).split()[1].rstrip(":"), 16)
            # The map shows neighbours as one; each is 512 bytes long.
            for address in range(first, last, 0x200):
                yield from _read_device(process, address)


def _read_device(process: Process, address: int) -> Iterator[Reading]:
    qtest = process.qtest
    base = ("virtio", f"{address:#x}")
    registers = (0, _VERSION, _DEVICE, _VENDOR)
    magic, version, device, vendor = qtest.numbers(read_memory(4, address + r) for r in registers)
    if magic != _MAGIC:
        return
    yield (*base, "version"), version
    yield (*base, "device id"), device
    if not device:  # a transport that nothing is plugged into
        return
    yield (*base, "vendor id"), f"{vendor:#x}"
    qtest.ask_all([write_memory(4, address + _STATUS, 0)])
    for word in range(4 if version >= _MODERN else 1):
        select = write_memory(4, address + _FEATURE_SELECT, word)
        features = int(qtest.ask_all([select, read_memory(4, address + _FEATURE)])[1], 16)
        for bit in (bit for bit in range(32) if features >> bit & 1):
            yield (*base, "feature", f"{32 * word + bit}"), "on"
    sizes = []
    for number in range(_MOST_QUEUES):
        select = write_memory(4, address + _QUEUE_SELECT, number)
        size = int(qtest.ask_all([select, read_memory(4, address + _QUEUE_SIZE)])[1], 16)
        if not size:
            break
        sizes.append(size)
    yield (*base, "queues"), len(sizes)
    for number, size in enumerate(sizes):
        yield (*base, "queue", f"{number}", "size"), size
    values = qtest.numbers(read_memory(1, address + _CONFIG + n) for n in range(_CONFIG_BYTES))
    yield from config_words(base, bytes(values).rstrip(b"\xff"))
