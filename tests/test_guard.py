"""Programs that end with the process that started them, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from machdesc.guard import start_guarded
from tests.live.test_interruption import is_running

SECONDS = 30.0

TWO = """
import sys, time
from machdesc.guard import start_guarded
programs = [start_guarded(["sh", "-c", "sleep 99 & sleep 99"]) for _ in range(2)]
print(*(program.process.pid for program in programs), *(program._guardian.pid for program in programs))
sys.stdout.flush()
time.sleep(99)
"""


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns when the condition holds."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def members(group: int) -> list[int]:
    """The processes of a group that are running."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(path.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_two_programs_end_with_the_process_that_started_them(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", TWO], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        numbers = [int(word) for word in starter.stdout.readline().split()]
        wait_until(lambda: all(len(members(group)) == 3 for group in numbers[:2]))
        starter.send_signal(number)
        starter.wait()
        # Each guardian sees the end though the other one still runs: no program holds a write end.
        wait_until(lambda: not any(members(group) or is_running(group) for group in numbers))


def test_an_end_leaves_no_guardian() -> None:
    guarded = start_guarded(["sh", "-c", "sleep 99 & sleep 99"])
    group = guarded.process.pid
    wait_until(lambda: len(members(group)) == 3)
    guarded.end()
    guarded.end()
    guarded.forget()
    assert guarded.process.returncode == -signal.SIGKILL
    wait_until(lambda: not members(group))
    with pytest.raises(ChildProcessError):
        os.waitpid(guarded._guardian.pid if guarded._guardian is not None else 0, 0)


def test_a_program_gets_its_words_and_an_empty_input(tmp_path: Path) -> None:
    words = ["sh", "-c", 'readlink /proc/$$/fd/0; ls /proc/$$/fd | tr "\\n" " "; printf "%s|" "$@"', "sh"]
    words += ["$HOME", "a b", "", "-x", "'", "\n", "\\n"]
    with open(tmp_path / "out", "wb") as out:
        guarded = start_guarded(words, stdout=out)
        assert guarded.process.wait(SECONDS) == 0
        guarded.end()
        guarded.forget()
    shown = (tmp_path / "out").read_text()
    assert shown == "/dev/null\n0 1 2 $HOME|a b||-x|'|\n|\\n|"


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotFoundError, match="No such file or directory: 'no-such-program'"):
        start_guarded(["no-such-program"])
    with pytest.raises(FileNotFoundError):
        start_guarded([str(tmp_path / "none")])
    with pytest.raises(PermissionError):
        start_guarded([str(tmp_path / "file")])


def test_there_need_be_no_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("machdesc.guard._SHELL", "/no/such/shell")
    guarded = start_guarded(["sleep", "99"])
    guarded.end()
    guarded.forget()
    assert guarded.process.returncode == -signal.SIGKILL
