"""Work that is ended, and QEMUs that hang or die: nothing is left behind, and what happened is told."""

from __future__ import annotations

import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.live.conftest import binary_or_skip
from tests.live.sight import words
from tests.truth.observation import EXAMPLES

GUEST = "machdesc 1\nguest lone\nmachine q35 @ 7.2\nmemory 64MiB\nhost { accel tcg }\n"
SECONDS = 30.0


class Work:
    """A command under way, with its own folder for temporary files."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        ignored: Sequence[signal.Signals] = (),
        group: bool = False,
    ) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        environment = {**os.environ, "TMPDIR": str(self.temporary), "COLUMNS": "80"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "machdesc", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            # Whoever runs the tests in the background may ignore Ctrl-C.
            preexec_fn=partial(_set_signals, ignored),
            # As a shell does for a job.
            start_new_session=group,
        )

    def end(self) -> tuple[int, str]:
        """The exit code and standard error."""
        _, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, errors

    def children(self) -> list[int]:
        """The processes that it has started and that are running: QEMUs, and a guardian of each."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(number) for number in found.split()]

    def programs(self) -> list[int]:
        """Its children without guardians."""
        return [number for number in self.children() if b"read -r group" not in command_line(number)]


def _set_signals(ignored: Sequence[signal.Signals]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)


def wait_until(condition: Callable[[], object]) -> None:
    """Returns when the condition holds."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def command_line(number: int) -> bytes:
    """The words of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""


def is_running(number: int) -> bool:
    """Whether there is a process, a zombie not counted."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def fake(folder: Path, body: str, arch: str = "x86_64") -> str:
    """A program that says that it is QEMU 7.2 and which architecture it has, and otherwise does `body`."""
    path = folder / "qemu"
    version = "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)"
    answers = folder / "answers.py"
    answers.write_text(
        "import re, socket, sys\n"
        "number = int(re.search(r'fd=([0-9]+)', ' '.join(sys.argv))[1])\n"
        "with socket.socket(fileno=number) as control:\n"
        '    control.sendall(b\'{"QMP": {}}\\r\\n{"return": {}}\\r\\n\')\n'
        f'    control.sendall(b\'{{"return": {{"arch": "{arch}"}}, "id": "target"}}\\r\\n\')\n'
        "    control.recv(1 << 16)\n"
    )
    path.write_text(
        f'#!/bin/sh\ncase "$*" in\n*--version*) echo "{version}"; exit 0;;\n'
        "*'-sandbox help'*) echo \"Parameter 'enable' expects 'on' or 'off'\" >&2; exit 1;;\n"
        f'*machdesc-target*) exec "{sys.executable}" "{answers}" "$@";;\nesac\n{body}\n'
    )
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A description of a small guest."""
    path = tmp_path / "guest.md"
    path.write_text(GUEST, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "words", [("verify", "guest.md", "--timeout", "60"), ("harvest",), ("latest", "q35")]
)
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_an_end_ends_a_qemu_that_hangs(
    words: Sequence[str], number: signal.Signals, code: int, file: Path
) -> None:
    qemu = fake(file.parent, "exec sleep 100")
    work = Work(file.parent, *(str(file) if word == file.name else word for word in words), "--qemu", qemu)
    wait_until(lambda: work.process.poll() is not None or _sleeping(work))
    children, (child,) = work.children(), work.programs()
    assert len(children) == 2
    work.process.send_signal(number)
    ended, errors = work.end()
    assert ended == code
    assert errors.endswith(f"machdesc: ended by {number.name}\n")
    assert not is_running(child)
    wait_until(lambda: not any(map(is_running, children)))
    assert list(work.temporary.iterdir()) == []


def test_what_is_ignored_stays_ignored(file: Path) -> None:
    qemu = fake(file.parent, "exec sleep 100")
    work = Work(file.parent, "verify", str(file), "--qemu", qemu, ignored=[signal.SIGHUP])
    wait_until(lambda: work.process.poll() is not None or _sleeping(work))
    work.process.send_signal(signal.SIGHUP)
    work.process.send_signal(signal.SIGTERM)
    code, errors = work.end()
    assert code == 143
    assert "SIGHUP" not in errors


def _sleeping(work: Work) -> bool:
    return any(b"sleep" in command_line(child) for child in work.children())


def test_a_qemu_that_hangs_is_told(file: Path) -> None:
    qemu = fake(file.parent, "echo stuck in the mud >&2; exec sleep 100")
    work = Work(file.parent, "verify", str(file), "--qemu", qemu, "--timeout", "2")
    code, errors = work.end()
    assert code == 2
    assert f"machdesc: {qemu}: no greeting within 2 seconds" in errors
    assert "stuck in the mud" in errors


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("echo no such machine >&2; exit 3", "no such machine (exit status 3)"),
        ("kill -SEGV $$", "ended by SIGSEGV"),
        ("exit 0", "exit status 0"),
        ("echo I am a tea pot; exit 0", "I am a tea pot (exit status 0)"),
    ],
)
def test_a_qemu_that_dies_is_told(body: str, told: str, file: Path) -> None:
    qemu = fake(file.parent, body)
    work = Work(file.parent, "verify", str(file), "--qemu", qemu)
    code, errors = work.end()
    assert code == 2
    assert errors.endswith(f"machdesc: {qemu}: {told}\n")


def test_a_qemu_that_does_not_tell_its_version_is_told(file: Path) -> None:
    qemu = file.parent / "qemu"
    qemu.write_text("#!/bin/sh\nexec sleep 100\n")
    qemu.chmod(0o755)
    work = Work(file.parent, "verify", str(file), "--qemu", str(qemu), "--timeout", "0.5")
    assert work.end() == (2, f"machdesc: `{qemu} --version` does not answer within 0.5 seconds\n")


def test_what_two_qemus_have_to_say_of_a_file_is_said_once(file: Path) -> None:
    qemu = fake(file.parent, "exit 3")
    work = Work(file.parent, "verify", str(file), "--qemu", qemu, "--qemu", qemu)
    code, errors = work.end()
    assert code == 2
    assert errors.count("warning: a raw description") == 1
    assert "1 warning\n" in errors


@pytest.mark.live
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("delay", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("command", ["harvest", "verify", "upgrade"])
def test_an_end_at_any_moment(command: str, delay: float, number: signal.Signals, tmp_path: Path) -> None:
    binary = shlex.join(words(binary_or_skip("7.2")))
    out = tmp_path / "catalog"
    arguments = {
        "harvest": ("harvest", "--qemu", binary, "-o", str(out)),
        "verify": ("verify", str(EXAMPLES / "linux-server.md"), "--qemu", binary),
        "upgrade": (
            *("verify", str(EXAMPLES / "linux-server.md"), "--migrate"),
            *("--qemu", binary, "--qemu", binary),
        ),
    }[command]
    work = Work(tmp_path, *arguments)
    wait_until(lambda: work.process.poll() is not None or work.children())
    time.sleep(delay)
    children = work.children() if work.process.poll() is None else []
    work.process.send_signal(number)
    code, errors = work.end()
    # A verification may be done by then, or about to leave Python.
    assert code in ((128 + number, 0, -number) if command == "verify" else (128 + number,))
    assert "Traceback" not in errors
    wait_until(lambda: not any(map(is_running, children)))
    assert list(work.temporary.iterdir()) == []
    assert not out.exists() or code == 0


def test_progress_is_shown_on_a_terminal_and_goes_away(file: Path) -> None:
    qemu = fake(file.parent, "echo gone >&2; exit 1")
    command = [sys.executable, "-m", "machdesc", "verify", str(file), "--qemu", qemu]
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                said = os.read(ours, 4096)
            except OSError:  # how Linux tells that the other end is closed
                break
            if not said:
                break
            shown += said
        process.wait(SECONDS)
    os.close(ours)
    assert f"\r\x1b[Kstarting {qemu}"[:79].encode() in shown
    assert shown.rpartition(b"\r\x1b[K")[2].startswith(b"machdesc: ")
