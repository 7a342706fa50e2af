"""Being ended at any moment while files are rewritten: each is old or new and whole, none is left over."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

OLD = "machdesc 1\nguest g{0}\nmachine q35 @ 7.2\nmemory   {0}MiB\n" + "# a long text\n" * 200
FILES = 300


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """The command, with signals as a shell in the foreground has them."""

    def heed() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    words = (sys.executable, "-m", "machdesc", *words)
    return subprocess.Popen(words, cwd=folder, stderr=subprocess.PIPE, preexec_fn=heed)


def prepare(folder: Path) -> dict[str, tuple[bytes, bytes]]:
    """Files of which each third has two hard links: by name, the old and the new content."""
    found = {}
    for number in range(1, FILES + 1):
        path = folder / f"{number}.machdesc"
        old = OLD.format(number).encode()
        path.write_bytes(old)
        if number % 3 == 0:
            os.makedirs(folder / "other", exist_ok=True)
            os.link(path, folder / "other" / path.name)
        found[path.name] = old, old.replace(b"memory   ", b"memory ")
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("seed", range(4))
def test_each_file_is_old_or_new(number: signal.Signals, seed: int, tmp_path: Path) -> None:
    contents = prepare(tmp_path)
    process = start(tmp_path, "fmt", *contents)
    # It has begun when one of the files is new.
    first, (old, _) = next(iter(contents.items()))
    while (tmp_path / first).read_bytes() == old and process.poll() is None:
        time.sleep(0.001)
    time.sleep(random.Random(seed).uniform(0, 0.15))
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    # It may have been done, or about to write a next one, outside of the part that heeds signals.
    assert process.returncode in (0, 128 + number, -number), errors
    assert b"Traceback" not in errors
    left = [name for name in os.listdir(tmp_path) if name.startswith(".")]
    assert len(left) <= (number == signal.SIGKILL)
    broken = []
    for name, both in contents.items():
        content = (tmp_path / name).read_bytes()
        if content not in both:
            broken.append(name)
        linked = tmp_path / "other" / name
        assert not linked.exists() or linked.samefile(tmp_path / name)
    if number == signal.SIGKILL:
        # What was being written in place has a copy of its old content beside it.
        assert len(broken) <= len(left)
        for name in broken:
            assert (tmp_path / left[0]).read_bytes() == contents[name][0]
    else:
        assert not broken


def test_all_of_them_are_new_in_the_end(tmp_path: Path) -> None:
    contents = prepare(tmp_path)
    process = start(tmp_path, "fmt", *contents)
    assert process.communicate(timeout=120)[1] == b""
    assert process.returncode == 0
    assert all((tmp_path / name).read_bytes() == new for name, (_, new) in contents.items())
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]
