"""Workers: processes that play a share of the numbers each, and the parent that hears of them.

A worker is a fork of a parent that has run every command once. It plays some thousand numbers, and ends; one
that hangs or dies is found out by the number at which it was, and another one goes on behind it.
"""

from __future__ import annotations

import gc
import mmap
import os
import pickle
import selectors
import shutil
import signal
import struct
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.attack.case import Case, make_case
from tests.attack.corpus import corpus
from tests.attack.guard import Guard
from tests.attack.judge import play
from tests.attack.world import PATIENCE, Finding, World, limit_memory

CHUNK = 4000
"""Numbers that one worker plays: enough that a fork costs nothing, few enough that its memos stay small."""

_WARMING = 300
"""Inputs that are played and thrown away before workers are forked."""

_REPORT = 200
"""Numbers after which a worker sends what it has done; findings are sent at once."""

_SILENCE = PATIENCE + 10
"""Seconds at one number after which a worker is ended: not even a signal got through."""

_EXAMPLES = 3
"""Findings of one signature that a worker sends."""


class Share(NamedTuple):
    """What a worker has done: up to which number (exclusive), inputs of each plan, exit codes of each
    command, and findings with their numbers; `counts` are all of each signature."""

    done: int
    plans: Counter[str]
    codes: Counter[tuple[str, int]]
    findings: list[tuple[int, Finding]]
    counts: Counter[tuple[str, str]]


class Terms(NamedTuple):
    """Which inputs: of which seed, and of one plan only unless it is empty."""

    seed: int
    only: str = ""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that lies in no repository; in memory where there is such."""
    shared = "/dev/shm"
    folder = Path(
        tempfile.mkdtemp(prefix="machdesc-attack-", dir=shared if os.access(shared, os.W_OK) else None)
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_GUARD = Guard()


def prepare() -> None:
    """What is done once, before anything is played: the surroundings, the guard, the corpus."""
    for name in [name for name in os.environ if name.startswith(("MACHDESC", "GIT_", "CI_", "GITHUB_"))]:
        del os.environ[name]
    os.environ["COLUMNS"] = "80"
    sys.dont_write_bytecode = True
    sys.setrecursionlimit(1000)
    warnings.simplefilter("error")
    _GUARD.install()
    corpus()


def warm(folder: Path) -> None:
    """Plays some inputs in this process, so that what is forked from it has modules and tables."""
    here = os.getcwd()
    world = World(folder, _GUARD)
    limit_memory()
    for number in range(_WARMING):
        case = make_case(0, number)
        if case.plan != "revision":
            play(world, case)
    os.chdir(here)
    gc.collect()
    gc.freeze()


def in_child(folder: Path, body: Callable[[World, Callable[[object], None]], None]) -> tuple[int, int]:
    """Forks a process that has a world in a folder and may send objects: its id, and where they come from."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        os.close(writer)
        return process, reader
    try:
        os.close(reader)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1):
            os.dup2(nothing, number)
        shutil.rmtree(folder, ignore_errors=True)
        world = World(folder, _GUARD)
        limit_memory()
        with os.fdopen(writer, "wb") as pipe:

            def send(thing: object) -> None:
                data = pickle.dumps(thing)
                pipe.write(struct.pack("<I", len(data)) + data)
                pipe.flush()

            body(world, send)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _play_range(
    terms: Terms, first: int, end: int, skipped: set[int], place: memoryview
) -> Callable[..., None]:
    """What a worker does; `place` is where it notes the number at which it is."""

    def body(world: World, send: Callable[[object], None]) -> None:
        plans: Counter[str] = Counter()
        codes: Counter[tuple[str, int]] = Counter()
        counts: Counter[tuple[str, str]] = Counter()
        findings: list[tuple[int, Finding]] = []
        for number in range(first, end):
            struct.pack_into("<q", place, 0, number)
            if number in skipped:
                continue
            case = make_case(terms.seed, number, terms.only)
            plans[case.plan] += 1
            for finding in play(world, case):
                counts[finding[:2]] += 1
                if counts[finding[:2]] <= _EXAMPLES:
                    findings.append((number, finding))
            codes.update(world.runs)
            if findings or (number + 1) % _REPORT == 0 or number + 1 == end:
                send(Share(number + 1, plans, codes, findings, counts))
                plans, codes, findings, counts = Counter(), Counter(), [], Counter()

    return body


class _Worker:
    """A worker as the parent sees it."""

    def __init__(self, terms: Terms, folder: Path, place: mmap.mmap) -> None:
        self.terms, self.folder, self.place = terms, folder, place
        self.process = self.reader = -1
        self.done = self.end = 0
        self.skipped: set[int] = set()
        self._seen = (-1, 0.0)
        self._data = b""

    def start(self, first: int, end: int) -> None:
        self.done, self.end = first, end
        self._data = b""
        struct.pack_into("<q", self.place, 0, -1)
        body = _play_range(self.terms, first, end, self.skipped, memoryview(self.place))
        self.process, self.reader = in_child(self.folder, body)
        os.set_blocking(self.reader, False)
        self._seen = (-1, time.monotonic())

    def number(self) -> int:
        """The number at which it is."""
        found: int = struct.unpack_from("<q", self.place, 0)[0]
        return found

    def hear(self) -> tuple[list[Share], bool]:
        """What it sent, and whether it has ended."""
        ended = False
        while True:
            try:
                some = os.read(self.reader, 1 << 20)
            except BlockingIOError:
                break
            if not some:
                ended = True
                break
            self._data += some
        shares = []
        while len(self._data) >= 4 and len(self._data) >= 4 + (
            size := struct.unpack("<I", self._data[:4])[0]
        ):
            shares.append(pickle.loads(self._data[4 : 4 + size]))
            self._data = self._data[4 + size :]
        for share in shares:
            self.done = share.done
        return shares, ended

    def is_silent(self) -> bool:
        """Whether it has been at one number for too long; it is ended then."""
        now, number = time.monotonic(), self.number()
        if number != self._seen[0]:
            self._seen = (number, now)
        if now - self._seen[1] < _SILENCE:
            return False
        os.kill(self.process, signal.SIGKILL)
        return True

    def wait(self) -> int:
        """Its exit code, negative when a signal ended it."""
        os.close(self.reader)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def play_all(terms: Terms, first: int, count: int, jobs: int, folder: Path) -> Iterator[Share]:
    """Plays `count` inputs, and yields what comes of them as it comes."""
    end, following = first + count, first
    selector = selectors.DefaultSelector()
    workers = [_Worker(terms, folder / str(number), mmap.mmap(-1, 8)) for number in range(jobs)]

    def give(worker: _Worker) -> None:
        """The next chunk for a worker, if there is one."""
        nonlocal following
        if following < end:
            worker.skipped.clear()
            worker.start(following, min(following + CHUNK, end))
            following = worker.end
            selector.register(worker.reader, selectors.EVENT_READ, worker)

    for worker in workers:
        give(worker)
    while selector.get_map():
        ready = [key.data for key, _ in selector.select(1.0)]
        for worker in workers:
            silent = worker.reader in selector.get_map() and worker.is_silent()
            if worker not in ready:
                continue
            shares, ended = worker.hear()
            yield from shares
            if not ended:
                continue
            selector.unregister(worker.reader)
            code = worker.wait()
            if worker.done < worker.end:
                at = worker.number()
                died = Finding(
                    "hang" if silent or code == -signal.SIGKILL else "died", f"exit code {code}", ""
                )
                plan = make_case(terms.seed, at, terms.only).plan if at >= 0 else ""
                yield Share(worker.done, Counter([plan]), Counter(), [(at, died)], Counter([died[:2]]))
                worker.skipped.add(at)
                worker.start(worker.done, worker.end)
                selector.register(worker.reader, selectors.EVENT_READ, worker)
            else:
                give(worker)


def play_once(case: Case, folder: Path) -> list[Finding]:
    """Plays a case in a process of its own."""
    found: list[Finding] = []
    process, reader = in_child(folder, lambda world, send: send(play(world, case)))
    with os.fdopen(reader, "rb") as pipe:
        data = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if len(data) > 4:
        found += pickle.loads(data[4:])
    if code:
        found.append(Finding("died", f"exit code {code}", ""))
    return found
