"""Workers: the same function over many items, in several processes where that is worth it.

What goes wrong with one item, or with the process that has it, costs only the results of that process: the
caller says what stands in their place. So no item is without a result.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")
    Lost = Callable[[Item, str], Result]

MOST_JOBS = 256
"""Processes that one run may be asked to use."""

_WORTH = 24
"""Items from which on a second process saves more than it costs."""

_PER_PROCESSOR = 4
"""Processes for each processor, at most: more are only slower, and each needs memory of its own."""


def map_items(
    function: Callable[[Item], Result], items: list[Item], jobs: int, lost: Lost[Item, Result]
) -> list[Result]:
    """The results of a function in the order of its items; `jobs` is a number of processes, 0
    for as many as there are processors, if there are enough items.

    A process is a fork of this one, so that the function and what it holds need not be sent. `lost` gives
    the result of an item that has none, with the reason in words: the function failed, or its process did.

    :raises ImportError: when a module is missing, which concerns all items.
    """
    processors = len(os.sched_getaffinity(0))
    if jobs == 0:
        jobs = processors if len(items) >= _WORTH else 1
    jobs = min(jobs, len(items), MOST_JOBS, processors * _PER_PROCESSOR)
    if jobs <= 1:
        return [_tried(function, item, lost) for item in items]
    # What is waiting in a buffer would be written by every process.
    _flush()
    shares = [items[number::jobs] for number in range(jobs)]
    workers = _start(function, shares, lost)
    done: list[list[Result]] = []
    try:
        for number, share in enumerate(shares):
            if workers[number] is None:
                done.append([_tried(function, item, lost) for item in share])
            else:
                done.append([])
        for number, worker in enumerate(workers):
            if worker is not None:
                # Its pipe is closed there, whatever comes of it.
                workers[number] = None
                done[number] = _received(*worker, shares[number], lost)
    finally:
        for worker in workers:
            if worker is not None:
                _end(*worker)
    return [done[number % jobs][number // jobs] for number in range(len(items))]


def _start(
    function: Callable[[Item], Result], shares: list[list[Item]], lost: Lost[Item, Result]
) -> list[tuple[int, int] | None]:
    """A process for each share but the first: its id, and the end of a pipe to read from. None where this
    process has to do the share itself: the first, and those for which there can be no process."""
    workers: list[tuple[int, int] | None] = [None]
    for share in shares[1:]:
        try:
            workers.append(_fork(function, share, lost))
        except OSError:
            workers.append(None)
    return workers


def _tried(function: Callable[[Item], Result], item: Item, lost: Lost[Item, Result]) -> Result:
    """The result for one item, or what stands in its place when the function fails."""
    try:
        return function(item)
    except ImportError:
        raise
    except Exception as bug:
        if os.environ.get("MACHDESC_TRACEBACK"):
            raise
        return lost(item, _told(bug))


def _told(bug: Exception) -> str:
    from machdesc.check.baseline import UnreadableBaseline
    from machdesc.target import UnknownTarget

    if isinstance(bug, MemoryError):
        return "the memory ran out"
    if isinstance(bug, (UnreadableBaseline, UnknownTarget)):
        return str(bug)
    words = f"{type(bug).__name__}: {bug}".splitlines()[0]
    return f"internal error: {words} (a defect of machdesc: report what MACHDESC_TRACEBACK=1 prints)"


def _fork(function: Callable[[Item], Result], items: list[Item], lost: Lost[Item, Result]) -> tuple[int, int]:
    """A process that writes the pickled results, or the failure of an import, into a pipe: its id, and the
    pipe's other end.

    :raises OSError: when there can be no more processes or pipes.
    """
    import pickle

    reader, writer = os.pipe()
    try:
        process = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        raise
    if process:
        os.close(writer)
        return process, reader
    code = 1
    try:
        os.close(reader)
        try:
            data = _pickled([_tried(function, item, lost) for item in items], items, lost)
        except ImportError as missing:
            data = pickle.dumps(missing, pickle.HIGHEST_PROTOCOL)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(data)
        code = 0
    except BaseException:
        if os.environ.get("MACHDESC_TRACEBACK"):
            import traceback

            traceback.print_exc()
    finally:
        os._exit(code)


def _pickled(results: list[Result], items: list[Item], lost: Lost[Item, Result]) -> bytes:
    """The pickled results; what cannot be pickled is replaced."""
    import pickle

    try:
        return pickle.dumps(results, pickle.HIGHEST_PROTOCOL)
    except Exception:
        kept = []
        for item, result in zip(items, results, strict=True):
            try:
                pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
                kept.append(result)
            except Exception as bug:
                kept.append(lost(item, _told(bug)))
        return pickle.dumps(kept, pickle.HIGHEST_PROTOCOL)


def _received(process: int, reader: int, items: list[Item], lost: Lost[Item, Result]) -> list[Result]:
    """What a process found for its items; it has ended afterwards."""
    import pickle

    with os.fdopen(reader, "rb") as pipe:
        data = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if status == 0:
        results: list[Result] | ImportError = pickle.loads(data)
        if isinstance(results, ImportError):
            raise results
        return results
    return [lost(item, f"its process {_how(status)}") for item in items]


def _how(status: int) -> str:
    """How a process ended, by its exit code, or with a minus the signal that killed it."""
    if status >= 0:
        return f"ended with exit code {status}"
    from signal import Signals

    try:
        return f"was killed by {Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def _end(process: int, reader: int) -> None:
    """Waits for a process whose results nobody wants."""
    os.close(reader)
    os.waitpid(process, 0)


def _flush() -> None:
    import sys

    sys.stdout.flush()
    sys.stderr.flush()
