"""Starts a description with harmless back ends, for tests of what a guest sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import machdesc
from machdesc.live.guest import start_guest
from machdesc.live.process import Process
from machdesc.live.sandbox.result import Harmless
from machdesc.live.sandbox.sandbox import replace_back_ends
from tests.live.binary import PROGRAM, Binary


def words(binary: Binary) -> list[str]:
    """Words that start QEMU where no file matters."""
    return [PROGRAM] if binary.root is None else ["chroot", str(binary.root), PROGRAM]


def harmless(text: str, release: str, directory: Path | None = None) -> Harmless:
    """The options of a description, given as text, with harmless back ends."""
    description, diagnostics = machdesc.load_source(machdesc.source_of(text, "guest"))
    assert description is not None, [diagnostic.message for diagnostic in diagnostics]
    compiled, more = machdesc.compile(description, release)
    assert compiled is not None, [diagnostic.message for diagnostic in (*diagnostics, *more)]
    return replace_back_ends(compiled, directory)


@contextmanager
def seen(text: str, binary: Binary, *, incoming: bool = False) -> Iterator[Process]:
    """A paused guest of that description."""
    with start_guest(words(binary), harmless(text, binary.release), incoming=incoming) as process:
        yield process
