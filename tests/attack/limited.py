"""A command in a process of its own that may take so much memory and time, and no more.

The process is a fork of this one, which has imported what commands need: what is measured is the work.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import NamedTuple

from machdesc.cli.main import main

MEMORY = 400 << 20
"""Bytes of address space that a command may map besides what the interpreter has mapped."""

SECONDS = 2
"""Seconds of processor time that a command may take."""

_PATIENCE = 60
"""Seconds after which a process that waits for something is killed."""


class Ended(NamedTuple):
    """How a process ended: its exit code, or the negative number of the signal that killed it; and all that
    it printed."""

    code: int
    output: str


def run_limited(words: list[str], seconds: int = SECONDS, memory: int = MEMORY) -> Ended:
    """Runs a command of machdesc; -9 when it took too long, 99 for an exception that nobody caught."""
    return call_limited(lambda: main(words), seconds, memory)


def call_limited(work: Callable[[], int], seconds: int = SECONDS, memory: int = MEMORY) -> Ended:
    """Calls a function that returns an exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as output:
        process = os.fork()
        if not process:
            _be_child(work, seconds, memory, output.fileno())
        status = os.waitpid(process, 0)[1]
        output.seek(0)
        return Ended(os.waitstatus_to_exitcode(status), output.read().decode(errors="replace"))


def _be_child(work: Callable[[], int], seconds: int, memory: int, output: int) -> None:
    """Never returns."""
    code = 99
    try:
        for stream in (1, 2):
            os.dup2(output, stream)
        # pytest's own streams stay behind: what is printed is to be read by the parent.
        sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        os.environ["MACHDESC_TRACEBACK"] = "1"
        gc.disable()  # as the command does that is a process of its own
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_PATIENCE)
        _limit(resource.RLIMIT_AS, _mapped() + memory)
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)
        code = work()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _mapped() -> int:
    """Bytes of address space that this process has."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
