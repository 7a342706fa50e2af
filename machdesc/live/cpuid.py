"""What the CPUID instruction answers, asked by letting the first processor carry it out.

Properties of a CPU tell feature bits; caches, topology and the hypervisor's leaves follow from them
by rules that change between releases, and only the instruction shows them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from machdesc.live.gdb import Gdb, open_gdb
from machdesc.live.process import Process

_INSTRUCTION = bytes.fromhex("0fa2")
_PLACE = 0x8000
_RAX, _RCX, _RIP, _CS = 0, 2, 16, 18
_TRIES = 20
_TRY_SECONDS = 0.05
_REGISTERS = ("EAX", "EBX", "ECX", "EDX")
_GPR_BYTES, _SEGMENT_BYTES = 8, 4
_GDB_ORDER = {"EAX": 0, "EBX": 1, "ECX": 2, "EDX": 3}

_RANGES = ((0x0, 0x40), (0x40000000, 0x10), (0x80000000, 0x40), (0xC0000000, 0x10))
"""First leaf of a range, and the most leaves that are read of it."""

Leaf = tuple[int, int, int, int]
"""EAX, EBX, ECX and EDX."""

_MORE: dict[int, Callable[[int, Leaf, Leaf], bool]] = {
    0x4: lambda _, last, __: last[0] & 0x1F != 0,
    0x7: lambda number, _, first: number <= first[0],
    0xB: lambda _, last, __: last[2] & 0xFF00 != 0,
    0xD: lambda number, _, __: number < 64,
    0x12: lambda number, _, __: number < 4,
    0x14: lambda number, _, first: number <= first[0],
    0x1D: lambda number, _, first: number <= first[0],
    0x1F: lambda _, last, __: last[2] & 0xFF00 != 0,
    0x8000001D: lambda _, last, __: last[0] & 0x1F != 0,
}
"""Leaf with more than one answer -> whether answer `number` is asked for, by the one before and the first."""

_ZERO: Leaf = (0, 0, 0, 0)
_STATE_COMPONENTS = 0xD

Reading = tuple[tuple[str, ...], object]


class _Unmoved(Exception):
    """The processor did not carry out the instruction."""


def read_cpuid(process: Process) -> list[Reading]:
    """Keys begin with `cpuid`, the leaf and the number of the answer. Runs the processor: to be read last.

    Nothing when the host does not let the processor run in time.
    """
    before = process.qtest.memory(_PLACE, len(_INSTRUCTION))
    process.qtest.write(_PLACE, _INSTRUCTION)
    with open_gdb(process) as gdb:
        gdb.set_register(_CS, 0, _SEGMENT_BYTES)
        try:
            found = [reading for first, most in _RANGES for reading in _read_range(gdb, first, most)]
        except _Unmoved:
            found = []
    process.qtest.write(_PLACE, before)
    return found


def _read_range(gdb: Gdb, first: int, most: int) -> Iterator[Reading]:
    last = _ask(gdb, first, 0)[0]
    # A processor answers with its highest basic leaf where it has no such range.
    if first <= last < first + 0x10000:
        for leaf in range(first, min(last, first + most - 1) + 1):
            yield from _read_leaf(gdb, leaf)


def _read_leaf(gdb: Gdb, leaf: int) -> Iterator[Reading]:
    first = answer = _ask(gdb, leaf, 0)
    yield from _reading(leaf, 0, answer)
    more = _MORE.get(leaf)
    number = 1
    while more is not None and more(number, answer, first):
        if leaf != _STATE_COMPONENTS or number < 2 or first[0] >> number & 1:
            answer = _ask(gdb, leaf, number)
            yield from _reading(leaf, number, answer)
        number += 1


def _reading(leaf: int, number: int, answer: Leaf) -> Iterator[Reading]:
    if answer != _ZERO:
        for register, value in zip(_REGISTERS, answer, strict=True):
            yield ("cpuid", f"{leaf:#x}", f"{number}", register), f"{value:#010x}"


def _ask(gdb: Gdb, leaf: int, number: int) -> Leaf:
    """Carries out CPUID."""
    for _ in range(_TRIES):
        gdb.set_register(_RAX, leaf, _GPR_BYTES)
        gdb.set_register(_RCX, number, _GPR_BYTES)
        gdb.set_register(_RIP, _PLACE, _GPR_BYTES)
        gdb.step()
        data = gdb.registers()
        place = _GPR_BYTES * _RIP
        # On a busy host a step may end before it began.
        if int.from_bytes(data[place : place + _GPR_BYTES], "little") == _PLACE + len(_INSTRUCTION):
            eax, ebx, ecx, edx = (
                int.from_bytes(data[_GPR_BYTES * n : _GPR_BYTES * n + 4], "little")
                for n in _GDB_ORDER.values()
            )
            return eax, ebx, ecx, edx
        time.sleep(_TRY_SECONDS)
    raise _Unmoved
