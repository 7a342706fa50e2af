"""The fuzzer with a `lint` that is wrong in every way: `python -m tests.attack.faulty` finds all of it."""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

import machdesc.cli.lint
from tests.attack import fuzz, world

_PARENT = os.getpid()
_calls = mmap.mmap(-1, 8)
"""How often it was run, by all workers: one that follows a dead one goes on with the next fault."""

_ordinary = machdesc.cli.lint.run


def _raises(_: str) -> int:
    raise ValueError("a fault")


def _dies(_: str) -> int:
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


def _loops(_: str) -> int:
    while True:
        pass


def _waits(_: str) -> int:
    time.sleep(60)
    return 0


def _eats(_: str) -> int:
    return len(bytearray(1 << 30))


def _writes_outside(_: str) -> int:
    with open("/tmp/machdesc-attack-outside", "w") as file:
        file.write("x")
    return 0


def _changes_its_input(path: str) -> int:
    with open(path, "a") as file:
        file.write("# more\n")
    return 0


def _leaves_a_file(_: str) -> int:
    with open("left", "w") as file:
        file.write("x")
    return 0


def _exits_3(_: str) -> int:
    return 3


def _is_silent(_: str) -> int:
    return 1


def _prints_escapes(_: str) -> int:
    print("\x1b[31m", file=sys.stderr)
    return 1


def _commands_a_workflow(_: str) -> int:
    print("::error::x", file=sys.stderr)
    return 1


def _leaks(path: str) -> int:
    print(open(path, "rb").read()[:0], file=sys.stderr)  # noqa: SIM115
    return 1


FAULTS: tuple[Callable[[str], int], ...] = (
    _raises, _loops, _waits, _eats, _writes_outside, _changes_its_input, _leaves_a_file, _exits_3,
    _is_silent, _prints_escapes, _commands_a_workflow, _leaks, _dies,
)  # fmt: skip


def _run(arguments: Any) -> int:
    """`lint`, in workers with one fault after the other, then with none."""
    name = arguments.files[0]
    if os.getpid() == _PARENT or not os.path.isfile(name):
        return _ordinary(arguments)
    number = struct.unpack_from("<q", _calls, 0)[0]
    struct.pack_into("<q", _calls, 0, number + 1)
    return FAULTS[number](name) if number < len(FAULTS) else _ordinary(arguments)


if __name__ == "__main__":
    machdesc.cli.lint.run = _run
    world.SECONDS, world.PATIENCE = 0.3, 2.0
    sys.exit(fuzz.main())
