"""What stands behind the BARs: registers of a device that can be read as memory, and its option ROM.

Many devices keep there what their driver asks first: a MAC, a number of ports, a version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from machdesc.live.config_space import ConfigSpace
from machdesc.live.pci import Function
from machdesc.live.pci_window import mapped_bars
from machdesc.live.qtest import Qtest

_REGISTER_BYTES = 128 * 1024
"""Registers of a larger BAR are not read: it is memory, such as a frame buffer."""

_MOST_WORDS = 1024
_PLAIN = ("00000000", "ffffffff")
"""Words that say nothing."""

Reading = tuple[tuple[str, ...], object]


def read_contents(qtest: Qtest, config: ConfigSpace, function: Function) -> Iterator[Reading]:
    """Keys begin with `pci`, the function's path and the BAR."""
    wanted = [
        bar
        for bar in function.bars
        if bar.kind == "rom" or (bar.kind != "io" and bar.size <= _REGISTER_BYTES)
    ]
    if not wanted:
        return
    with mapped_bars(config, function, *wanted) as addresses:
        bars = [bar for bar in wanted if bar.number in addresses]
        contents = qtest.memories([(addresses[bar.number], bar.size) for bar in bars])
    for bar, content in zip(bars, contents, strict=True):
        if bar.kind == "rom":
            yield ("pci", function.path, "option ROM", "sha256"), hashlib.sha256(content).hexdigest()
        else:
            yield from _registers(("pci", function.path, f"BAR {bar.number}", "contents"), content)


def _registers(base: tuple[str, ...], content: bytes) -> Iterator[Reading]:
    words = {
        offset: content[offset : offset + 4].hex(" ")
        for offset in range(0, len(content), 4)
        if content[offset : offset + 4].hex() not in _PLAIN
    }
    if len(words) > _MOST_WORDS:
        yield (*base, "sha256"), hashlib.sha256(content).hexdigest()
        return
    for offset, word in words.items():
        yield (*base, f"{offset:#06x}"), word
