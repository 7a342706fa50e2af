"""Starts a compiled guest with harmless back ends, to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from machdesc.live.conversation import PATIENCE_SECONDS
from machdesc.live.harmless import Harmless
from machdesc.live.process import Process, start
from machdesc.live.view import View, read_view

_READINGS = 4


@contextmanager
def start_guest(
    command: Sequence[str],
    harmless: Harmless,
    *,
    incoming: bool = False,
    patience: float = PATIENCE_SECONDS,
) -> Iterator[Process]:
    """`machdesc.live.process.start` with all that the options need."""
    with start(
        command,
        harmless.arguments(),
        copies=harmless.copies,
        servers=harmless.servers,
        incoming=incoming,
        patience=patience,
    ) as process:
        yield process


def view_guest(command: Sequence[str], harmless: Harmless, *, patience: float = PATIENCE_SECONDS) -> View:
    """What a guest sees, of one that is started for it.

    The reader lets the processor run for a moment, which a busy host may not grant in time: a reading
    without CPUID would be a difference that is none, so it is done again.

    :raises machdesc.live.child.QemuFailure: when it does not start.
    :raises RuntimeError: when it cannot be read, such as more buses than there are numbers.
    """
    for _ in range(_READINGS):
        with start_guest(command, harmless, patience=patience) as process:
            view = read_view(process)
        if any(key[0] == "cpuid" for key in view):
            return view
    raise RuntimeError("CPUID was not read")
