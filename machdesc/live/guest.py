"""Starts a compiled guest with harmless back ends, to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from machdesc.live.conversation import PATIENCE_SECONDS
from machdesc.live.harmless import Harmless
from machdesc.live.process import Process, start


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
