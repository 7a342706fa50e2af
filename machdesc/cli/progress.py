"""Progress of long work: one line on a terminal that is written over and goes away; elsewhere nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from machdesc.ending import held

_CLEAR = "\r\033[K"


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done now; the line is cleared at the end, whatever ends it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return

    def show(text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(_CLEAR + text[:width])
        sys.stderr.flush()

    with held(sys.stderr.fileno, _clear):
        yield show


def _clear(terminal: int) -> None:
    # Not through `sys.stderr`, whose lock may be held when a signal ends the program.
    os.write(terminal, _CLEAR.encode())
