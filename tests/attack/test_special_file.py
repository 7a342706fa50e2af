"""Only regular files are read: nothing waits at a pipe, and no device is read without end."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attack.limited import run_limited

GUEST = "# A guest\n\n```machdesc\nmachdesc 1\n\nguest g\n\nmachine q35 @ 9.2\n\nmemory 1GiB\n```\n"
FOLDER_COMMANDS = (
    ["lint", "d"],
    ["fmt", "--check", "d"],
    ["check", "d", "d"],
    ["check", "d", "d", "--format", "github"],
    ["lint", "d", "--skip-foreign"],
)
FILE_COMMANDS = (
    *(["lint", "X"], ["fmt", "X"], ["fmt", "--textconv", "X"], ["pin", "X"], ["pin", "--diff", "X"]),
    *(
        ["compile", "X"],
        ["show", "X"],
        ["check", "X", "d/a.md"],
        ["check", "d/a.md", "X"],
        ["features", "--to", "11.1", "X"],
    ),
    *(
        ["upgrade", "--check", "--to", "11.1", "X"],
        ["rebase", "--check", "X", "--to", "11.1"],
        ["hints", "show", "X"],
    ),
    *(["compile", "--hints", "X", "d/a.md"], ["lint", "X", "--skip-foreign"]),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here is `d` with a guest, and besides it a pipe, a socket and a device."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a.md").write_text(GUEST)


def make_special(name: str, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(name)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(name)
    else:
        os.symlink("/dev/zero", name)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_folders_mention_them(kind: str) -> None:
    make_special("d/x.md", kind)
    for words in FOLDER_COMMANDS:
        ended = run_limited(words)
        assert ended.code == 0, (words, ended.output)
        told = "d/x.md: warning: is not a regular file [not-regular]"
        if "github" in words:
            told = "::warning title=not-regular::d/x.md: is not a regular file"
        assert told in ended.output, words


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_a_name_is_refused(kind: str) -> None:
    make_special("x.md", kind)
    for words in FILE_COMMANDS:
        ended = run_limited(["x.md" if word == "X" else word for word in words])
        assert ended.code in (1, 2), (words, ended.output)
        assert "is not a regular file" in ended.output, (words, ended.output)


def test_settings_and_machine_types() -> None:
    os.mkfifo("machdesc.toml")
    Path("d/a.md").write_text(GUEST.replace("q35 @ 9.2", "q35-mine"))
    assert "is not a regular file" not in run_limited(["lint", "d/a.md"]).output
    os.mkfifo("d/q35-mine.md")
    assert run_limited(["lint", "d/a.md", "--machine-types", "d"]).code == 1
    Path("b.md").write_text(GUEST.replace("machdesc 1", 'machdesc 1\ninclude "d/q35-mine.md"'))
    assert run_limited(["lint", "b.md"]).code == 1


def test_a_catalog() -> None:
    os.makedirs("c/x86_64/release")
    os.mkfifo("c/x86_64/release/9.9.json")
    ended = run_limited(["lint", "--catalog", "c", "d/a.md"])
    assert ended.code == 2
    assert "is not a regular file" in ended.output


def test_a_file_that_git_knows_and_that_has_become_a_pipe() -> None:
    git = ("git", "-c", "user.name=n", "-c", "user.email=e")
    Path("base.md").write_text(GUEST.replace("guest g\n", ""))
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], check=True)
    os.unlink("d/a.md")
    os.mkfifo("d/a.md")
    for words in (
        ["check", "--against", "HEAD", "base.md"],
        ["check", "--against", "HEAD", "d"],
        ["lint", "."],
    ):
        assert run_limited(words).code in (0, 1), words


def test_what_the_shell_passes_is_read() -> None:
    """`<(…)` and a pipe into `/dev/stdin`, also when the text comes late, up to the limit of a text."""
    command = [sys.executable, "-m", "machdesc", "lint", "--strict"]
    done = subprocess.run([*command, "/dev/stdin"], input=GUEST.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr
    reader, writer = os.pipe()
    with subprocess.Popen([*command, f"/dev/fd/{reader}"], pass_fds=[reader]) as process:
        os.close(reader)
        with contextlib.closing(os.fdopen(writer, "wb")) as pipe:
            pipe.write(GUEST.encode())
        assert process.wait() == 0
    with open("/dev/zero", "rb") as zero:
        done = subprocess.run([*command, "/dev/stdin"], stdin=zero, capture_output=True)
    assert done.returncode == 1
    assert b"larger than" in done.stderr


def test_an_include_reads_no_descriptor() -> None:
    """It is no file of the tree, whatever folder is allowed."""
    Path("b.md").write_text(GUEST.replace("machdesc 1", 'machdesc 1\ninclude "/dev/stdin"'))
    command = [sys.executable, "-m", "machdesc", "lint", "b.md", "--include-dir", "/"]
    done = subprocess.run(command, input=b"machdesc 1\nguest other\n", capture_output=True)
    assert done.returncode == 1
    assert b"[include]" in done.stderr
