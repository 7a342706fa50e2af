"""The map of memory and I/O ports as a processor meets it, before firmware has placed any PCI device."""

from __future__ import annotations

import re
from collections.abc import Iterator

from machdesc.live.process import Process

_VIEW = re.compile(r"^FlatView #\d+$", re.MULTILINE)
_SPACES = {'AS "memory", root: ': "memory", 'AS "I/O", root: ': "I/O"}
_RANGE = re.compile(r"^ +([0-9a-f]{16})-([0-9a-f]{16}) \(prio -?\d+, ([^)]*)\): (.*)$", re.MULTILINE)
_OFFSET = re.compile(r" @[0-9a-f]+( .*)?$")
_FILLERS = {("i/o", "io"), ("container", "io")}
"""Kind and name of ports that nothing answers at; the second is how newer releases than 10.0 print it."""

_RENAMED = {"piix3-reset-control": "piix-reset-control"}
"""Regions that newer releases call otherwise (hw/isa/piix3.c of 7.2, hw/isa/piix.c of 10.0)."""

Reading = tuple[tuple[str, ...], object]


def read_memory_map(process: Process) -> Iterator[Reading]:
    """Keys begin with `map` and the address space; the value tells the end and what is there."""
    yield from parse_memory_map(process.monitor.human("info mtree -f"))


def parse_memory_map(text: str) -> Iterator[Reading]:
    """Reads what `info mtree -f` prints. Names of RAM are the host's, so only its kind is told."""
    for view in _VIEW.split(text):
        for start, space in _SPACES.items():
            if f"\n {start}" in view:
                for first, last, what in _merged(view):
                    yield ("map", space, f"{first:#x}"), f"to {last:#x}: {what}"


def _merged(view: str) -> list[tuple[int, int, str]]:
    """(first, last, what) of each range; two that meet and are the same RAM or ROM are one."""
    ranges: list[tuple[int, int, str]] = []
    for first_word, last_word, kind, region in _RANGE.findall(view):
        name = _OFFSET.sub("", region)
        if (kind, name) in _FILLERS:
            continue
        first, last = int(first_word, 16), int(last_word, 16)
        what = _RENAMED.get(name, name) if kind == "i/o" else kind
        if ranges and ranges[-1][1] + 1 == first and ranges[-1][2] == what:
            first = ranges.pop()[0]
        ranges.append((first, last, what))
    return ranges
