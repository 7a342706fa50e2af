"""Being ended by a signal: what was started or laid down for the moment is undone first.

The blocks that hold such things say how to undo them (`held`), and the handler of a signal does so and
ends the program there and then. An exception would have to pass through whatever code runs at that moment,
such as an event loop's own, which does not bear that everywhere.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from threading import current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

_Thing = TypeVar("_Thing")
_Words = TypeVar("_Words", str, bytes)
# Windows has no SIGHUP.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_undoings: list[Callable[[], None]] = []
"""Ways to undo what is there now, in the order in which it came."""


@contextmanager
def ended_in_order() -> Iterator[None]:
    """While the block lasts, Ctrl-C, SIGTERM and SIGHUP undo what is there and end the program, without
    passing through the code that runs, with the exit code that shells give: 128 and the signal's number.
    What the program was told to ignore, as `nohup` does with SIGHUP, stays ignored.
    """

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        for undo in reversed(_undoings):
            with suppress(Exception):
                undo()
        # Not through `sys.stderr`: its lock may be held by what was interrupted.
        with suppress(OSError):
            os.write(2, f"machdesc: ended by {signal.Signals(number).name}\n".encode())
        os._exit(128 + number)

    heeded = [number for number, handler in _handlers().items() if handler is not signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held(make: Callable[[], _Thing], undo: Callable[[_Thing], None]) -> Iterator[_Thing]:
    """What `make` makes, which `undo` undoes at the end of the block, or of the program within it.

    `undo` may be called in the midst of anything, so it must not wait for a lock.
    """
    undoing: Callable[[], None] | None = None
    try:
        with undisturbed():
            thing = make()
            undoing = partial(undo, thing)
            _undoings.append(undoing)
        yield thing
    finally:
        if undoing is not None:
            try:
                undoing()
            finally:
                _undoings.remove(undoing)


def end_session(process: subprocess.Popen[_Words]) -> None:
    """Ends a process that leads a session of its own, and those below it, such as QEMU below `env`.

    :raises PermissionError: when it runs as another user, such as QEMU below `sudo`.
    """
    if process.returncode is not None:
        return
    if not hasattr(os, "killpg"):  # Windows
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    # `wait` takes a lock, which may be held by what a signal has interrupted. macOS has this from Python 3.13
    # on; before, what was ended is not waited for.
    if hasattr(os, "waitid"):
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


def scratch_folder(above: Path | None = None) -> AbstractContextManager[Path]:
    """An empty folder for as long as the block lasts, in `above` or where temporary files are."""
    import shutil
    import tempfile
    from pathlib import Path

    def make() -> Path:
        return Path(tempfile.mkdtemp(prefix="machdesc-", dir=above))

    return held(make, partial(shutil.rmtree, ignore_errors=True))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Holds back signals that would end the program until the block is left.

    Python runs handlers in the main thread alone, so elsewhere there is nothing to hold back.
    """
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    before = _handlers()
    for number in before:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in dict.fromkeys(came):
            signal.raise_signal(late)


def _handlers() -> dict[int, Callable[[int, FrameType | None], object] | int]:
    """The handlers of the signals now, but for such as are not Python's, which could not be put back."""
    found = {number: signal.getsignal(number) for number in _SIGNALS}
    return {number: handler for number, handler in found.items() if handler is not None}
