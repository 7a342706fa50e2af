"""Workers that end, fail, or cannot be had: what they had is named, and all else has its result."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

import machdesc.check.worker
from machdesc.check.comparison import Terms, compare_pair
from machdesc.check.outcome import Outcome
from machdesc.check.pair import Pair
from machdesc.check.worker import map_items
from machdesc.cli.main import main
from tests.check.repository import guest

ITEMS = list(range(7))


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MACHDESC_TRACEBACK", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def lost(item: int, why: str) -> str:
    return f"{item}: {why}"


def kill(number: int) -> object:
    os.kill(os.getpid(), number)
    return None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_process_had_is_named(number: signal.Signals) -> None:
    def work(item: int) -> object:
        return kill(number) if item == 3 else item

    results = map_items(work, ITEMS, 2, lost)
    why = f"its process was killed by {number.name}"
    assert results == [0, lost(1, why), 2, lost(3, why), 4, lost(5, why), 6]


def test_a_process_that_exits(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(item: int) -> object:
        if item == 1:
            os._exit(7)
        return item

    assert map_items(work, [0, 1, 2], 2, lost) == [0, "1: its process ended with exit code 7", 2]


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_a_failure_costs_one_result(jobs: int) -> None:
    def work(item: int) -> object:
        if item == 2:
            raise MemoryError
        if item == 5:
            raise ValueError("two\nlines")
        return item

    results = map_items(work, ITEMS, jobs, lost)
    assert results[2] == "2: the memory ran out"
    assert str(results[5]).startswith("5: internal error: ValueError: two (a defect of machdesc")
    assert [results[item] for item in (0, 1, 3, 4, 6)] == [0, 1, 3, 4, 6]


def test_a_result_that_cannot_be_sent_costs_itself_alone() -> None:
    def work(item: int) -> object:
        return (lambda: item) if item == 3 else item

    results = map_items(work, ITEMS, 2, lost)
    assert str(results[3]).startswith("3: internal error: ")
    assert [results[item] for item in ITEMS if item != 3] == [0, 1, 2, 4, 5, 6]


@pytest.mark.parametrize("call", ["fork", "pipe"])
@pytest.mark.parametrize("after", [0, 1])
def test_without_processes_the_work_is_done_here(
    call: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = getattr(os, call), []

    def refuse() -> object:
        calls.append(call)
        if len(calls) > after:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real()

    monkeypatch.setattr(os, call, refuse)
    assert map_items(lambda item: item * 2, ITEMS, 4, lost) == [item * 2 for item in ITEMS]
    assert len(calls) == 3


def test_processes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    forks = []
    real = os.fork

    def count() -> int:
        forks.append(1)
        return real()

    monkeypatch.setattr(os, "fork", count)
    items = list(range(40))
    assert map_items(lambda item: item, items, 999_999_999, lost) == items
    assert len(forks) == 2 * machdesc.check.worker._PER_PROCESSOR - 1


def test_check_names_what_was_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("old", "new"):
        Path(folder).mkdir()
        for name in "abcd":
            Path(folder, f"{name}.md").write_text(guest(name), encoding="utf-8")
    parent = os.getpid()

    def work(pair: Pair, terms: Terms) -> Outcome:
        if os.getpid() != parent:
            kill(signal.SIGKILL)
        return compare_pair(pair, terms)

    monkeypatch.setattr("machdesc.cli.check.compare_pair", work)
    assert main(["check", "old", "new", "--jobs", "2"]) == 2
    out, err = capsys.readouterr()
    assert out == "2 pairs compared; 2 could not be checked\n"
    for name in "bd":
        told = f"new/{name}.md: error: was not compared: its process was killed by SIGKILL [not-compared]"
        assert told in err
    assert "new/a.md" not in err
