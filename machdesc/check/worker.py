"""Workers: the same function over many items, in several processes where that is worth it."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

MOST_JOBS = 256
"""Processes that one run may be asked to use."""

_WORTH = 24
"""Items from which on a second process saves more than it costs."""


def map_items(function: Callable[[Item], Result], items: list[Item], jobs: int) -> list[Result]:
    """The results of a function in the order of its items; `jobs` is a number of processes, 0
    for as many as there are processors, if there are enough items.

    A process is a fork of this one, so that the function and what it holds need not be sent.
    """
    if jobs == 0:
        jobs = len(os.sched_getaffinity(0)) if len(items) >= _WORTH else 1
    jobs = min(jobs, len(items), MOST_JOBS)
    if jobs <= 1:
        return [function(item) for item in items]
    import pickle

    # What is waiting in a buffer would be written by every process.
    _flush()
    workers = [_fork(function, items[number::jobs]) for number in range(1, jobs)]
    try:
        shares = [[function(item) for item in items[::jobs]]]
        for _, reader in workers:
            with os.fdopen(reader, "rb") as pipe:
                data = pipe.read()
            share = pickle.loads(data) if data else []
            if isinstance(share, ImportError):
                raise share
            shares.append(share)
    finally:
        for process, _ in workers:
            os.waitpid(process, 0)
    results: list[Result] = []
    for number in range(len(items)):
        share = shares[number % jobs]
        if number // jobs >= len(share):
            raise RuntimeError("a process of the comparison has died")
        results.append(share[number // jobs])
    return results


def _fork(function: Callable[[Item], Result], items: list[Item]) -> tuple[int, int]:
    """A process that writes the pickled results, or the failure of an import, into a pipe: its id, and the
    pipe's other end."""
    import pickle

    reader, writer = os.pipe()
    process = os.fork()
    if process:
        os.close(writer)
        return process, reader
    code = 1
    try:
        os.close(reader)
        share: list[Result] | ImportError
        try:
            share = [function(item) for item in items]
        except ImportError as missing:
            share = missing
        data = pickle.dumps(share, pickle.HIGHEST_PROTOCOL)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(data)
        code = 0
    except BaseException:
        if os.environ.get("MACHDESC_TRACEBACK"):
            import traceback

            traceback.print_exc()
    finally:
        os._exit(code)


def _flush() -> None:
    import sys

    sys.stdout.flush()
    sys.stderr.flush()
