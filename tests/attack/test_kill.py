"""Commands that are killed at any moment leave no QEMU behind, and no half file."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.conftest import binary_or_skip
from tests.live.test_interruption import SECONDS, Work, command_line, is_running
from tests.truth.observation import EXAMPLES

pytestmark = pytest.mark.live

ROUNDS = 40 if os.environ.get("MACHDESC_ATTACK") == "long" else 2
"""For each command and signal."""

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
MOST_SECONDS = 3.0
"""The latest moment; by then each command has started some QEMUs."""


def qemu_called(name: str, folder: Path) -> Path:
    """A QEMU by a name that no other test's has, in a folder."""
    path = folder / name
    path.symlink_to("/usr/bin/qemu-system-x86_64")
    return path


def running(name: str) -> list[int]:
    """The processes that have a word in their command line."""
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [number for number in numbers if name.encode() in command_line(number) and is_running(number)]


def wait_for_none(name: str, also: list[int]) -> list[str]:
    """The command lines of those that are still there after a while."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        left = [*running(name), *filter(is_running, also)]
        if not left:
            return []
        time.sleep(0.05)
    return [command_line(number).replace(b"\0", b" ").decode() for number in left]


def words_of(command: str, qemu: str, out: Path) -> tuple[str, ...]:
    guest = str(EXAMPLES / "linux-server.md")
    return {
        "harvest": ("harvest", "--qemu", qemu, "-o", str(out)),
        "verify": ("verify", guest, "--qemu", qemu),
        "upgrade": ("verify", guest, "--migrate", "--qemu", qemu, "--qemu", qemu),
        "latest": ("latest", "q35", "--qemu", qemu),
        "compile": ("compile", guest, "--qemu", qemu, "-o", str(out)),
    }[command]


def half_files(out: Path) -> Iterator[Path]:
    """Files that a harvest has not finished; what lies in a folder of a moment is none of the catalog's."""
    for path in out.rglob("*.json"):
        if not any(part.startswith(".") for part in path.relative_to(out).parts):
            try:
                json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                yield path


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("command", ["harvest", "verify", "upgrade", "latest", "compile"])
def test_no_qemu_is_left(command: str, number: signal.Signals, tmp_path: Path) -> None:
    binary_or_skip("7.2")
    for round in range(ROUNDS if number == signal.SIGKILL else (ROUNDS + 1) // 2):
        folder = tmp_path / str(round)
        folder.mkdir()
        name = f"qemu-of-{os.getpid()}-{command}-{number.name}-{round}"
        qemu, out = qemu_called(name, folder), folder / "out"
        moment = random.uniform(0.0, MOST_SECONDS if command != "latest" else 0.5)
        work = Work(folder, *words_of(command, str(qemu), out))
        time.sleep(moment)
        children = work.children() if work.process.poll() is None else []
        work.process.send_signal(number)
        work.end()
        assert wait_for_none(name, children) == [], f"after {moment} seconds"
        assert not list(half_files(out))


@pytest.mark.parametrize("wrapper", ["env", "sh -c '\"$@\"; true' sh", "chroot ROOT", "nice -n 1"])
def test_no_qemu_below_a_wrapper_is_left(wrapper: str, tmp_path: Path) -> None:
    if wrapper.startswith("chroot") and os.geteuid() != 0:
        pytest.skip("only root may chroot")
    binary = binary_or_skip("10.0" if wrapper.startswith("chroot") else "7.2")
    name = f"qemu-of-{os.getpid()}-below-{wrapper.split()[0]}"
    qemu = qemu_called(name, tmp_path if binary.root is None else binary.root / "tmp")
    try:
        seen = qemu if binary.root is None else Path("/tmp") / name
        words = f"{wrapper.replace('ROOT', str(binary.root))} {seen}"
        work = Work(tmp_path, "harvest", "--qemu", words, "-o", str(tmp_path / "out"))
        deadline = time.monotonic() + SECONDS
        while not [n for n in running(name) if b"-preconfig" in command_line(n)]:
            assert time.monotonic() < deadline
            assert work.process.poll() is None, work.end()
            time.sleep(0.02)
        children = work.children()
        work.process.send_signal(signal.SIGKILL)
        work.end()
        assert wait_for_none(name, children) == []
    finally:
        qemu.unlink()


def test_no_qemu_is_left_when_a_terminals_group_is_killed(tmp_path: Path) -> None:
    binary_or_skip("7.2")
    name = f"qemu-of-{os.getpid()}-group"
    qemu = qemu_called(name, tmp_path)
    work = Work(tmp_path, "harvest", "--qemu", str(qemu), "-o", str(tmp_path / "out"), group=True)
    deadline = time.monotonic() + SECONDS
    while len(running(name)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    children = work.children()
    os.killpg(work.process.pid, signal.SIGKILL)
    work.end()
    assert wait_for_none(name, children) == []
