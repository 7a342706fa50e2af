"""Rewriting a file: it is shown or written whole, and not at all once it is another than was read."""

from __future__ import annotations

import os
import subprocess
from argparse import Namespace
from pathlib import Path

import pytest

from machdesc.cli.main import main
from machdesc.cli.rewrite import rewrite
from machdesc.source import read_source

OLD = "machdesc 1\r\nmemory   1G\r\nrtc { base   utc }"


@pytest.fixture
def guest(tmp_path: Path) -> Path:
    path = tmp_path / "g.mdesc"
    path.write_bytes(OLD.encode())
    path.chmod(0o640)
    return path


def _options(check: bool = False, diff: bool = False) -> Namespace:
    return Namespace(check=check, diff=diff)


def test_a_diff_is_one_that_patch_reads(guest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--diff", str(guest)]) == 0
    assert guest.read_bytes() == OLD.encode()
    diff = capsys.readouterr().out
    assert main(["fmt", "--diff", "--check", str(guest)]) == 1
    assert guest.read_bytes() == OLD.encode()
    patched = subprocess.run(
        ["patch", "--binary", "-o", "-", str(guest)], input=diff.encode(), capture_output=True, check=True
    ).stdout
    assert main(["fmt", str(guest)]) == 0
    assert guest.read_bytes() == patched
    assert guest.stat().st_mode & 0o777 == 0o640
    assert main(["fmt", "--check", str(guest)]) == 0


def test_a_file_that_changed_meanwhile_is_left_alone(guest: Path) -> None:
    source = read_source(str(guest))
    guest.write_bytes(b"another")
    _, diagnostics = rewrite(source, "new", _options(), "undone")
    assert [d.code for d in diagnostics] == ["changed-meanwhile"]
    assert guest.read_bytes() == b"another"
    assert os.listdir(guest.parent) == [guest.name]


def test_what_does_not_change_is_not_written(guest: Path) -> None:
    source = read_source(str(guest))
    before = guest.stat()
    assert rewrite(source, source.text, _options(), "undone") == (False, [])
    assert guest.stat().st_ino == before.st_ino


def test_a_symlink_is_followed(guest: Path) -> None:
    link = guest.parent / "link.mdesc"
    link.symlink_to(guest.name)
    assert rewrite(read_source(str(link)), "new", _options(), "undone") == (True, [])
    assert link.is_symlink()
    assert guest.read_text() == "new"
