"""Progress of long work: one line on a terminal that is written over and goes away; elsewhere nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from machdesc.cli.output import CLEAR, is_terminal, status
from machdesc.diagnostic import printable
from machdesc.ending import held


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done now; the line is cleared at the end, whatever ends it."""
    if not is_terminal(2):
        yield lambda _: None
        return

    def show(text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        status(printable(text)[:width])

    with held(lambda: 2, _clear):
        yield show


def _clear(terminal: int) -> None:
    # Not through `sys.stderr`, whose lock may be held when a signal ends the program.
    os.write(terminal, CLEAR.encode())
