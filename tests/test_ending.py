"""Being ended by a signal, and ending what was started: on platforms that lack something for it too."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import machdesc.ending
from machdesc.ending import end_session, held, undisturbed
from machdesc.live.child import QemuFailure, start_child

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def sleeping() -> subprocess.Popen[bytes]:
    """A process that does nothing for a minute."""
    return subprocess.Popen(SLEEP, start_new_session=True)


@pytest.mark.parametrize("lacking", ["", "killpg", "waitid"])
def test_a_session_is_ended(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if lacking:
        monkeypatch.delattr(os, lacking)
    with sleeping() as process:
        end_session(process)
        assert process.wait(10) == -signal.SIGKILL
        end_session(process)


def test_there_need_not_be_all_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.delattr(signal, "SIGHUP")
        reloaded = importlib.reload(machdesc.ending)
        with reloaded.ended_in_order(), reloaded.undisturbed():
            pass
    importlib.reload(machdesc.ending)


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_a_qemu_of_another_user_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []

    def refuse(group: int, _signal: int) -> None:
        groups.append(group)
        raise PermissionError

    with monkeypatch.context() as other:
        other.setattr(os, "killpg", refuse)
        child = start_child(["sh", "-c", '[ "$1" = -sandbox ] || sleep 60', "sh"], [])
        child.__enter__()
        with pytest.raises(QemuFailure, match="run as another user"):
            child.__exit__(None, None, None)
    os.killpg(groups[0], signal.SIGKILL)
    os.waitpid(groups[0], 0)


def test_what_is_held_is_undone_once_though_undoing_fails() -> None:
    undone: list[str] = []

    def undo(thing: str) -> None:
        undone.append(thing)
        raise OSError

    with pytest.raises(OSError), held(lambda: "thing", undo):  # noqa: PT011 (it has no text)
        pass
    with held(lambda: "other", undone.append):
        assert undone == ["thing"]
    assert undone == ["thing", "other"]


def test_signals_wait(tmp_path: Path) -> None:
    came: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: came.append(number))
    try:
        with undisturbed():
            signal.raise_signal(signal.SIGTERM)
            assert not came
        assert came == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_other_threads_hold_as_well() -> None:
    undone: list[int] = []

    def work() -> None:
        with held(lambda: 1, undone.append):
            pass

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert undone == [1]
