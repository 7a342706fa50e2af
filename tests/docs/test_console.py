"""The console fences of the README and the documentation are run, and print what is shown.

They run in a folder with copies of all pages, and with a data folder that is empty.
`pytest --update-goldens` writes the real output into the pages.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.page import PAGES
from tests.live.conftest import binary_or_skip

FENCE = re.compile(r"^(```console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LIVE = re.compile(r"^(```console live)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""Fences whose commands start the QEMU of Debian's own suite."""

COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def _pages(fence: re.Pattern[str]) -> list[Path]:
    return [page for page in PAGES if fence.search(page.read_text("utf-8"))]


@pytest.mark.parametrize("page", _pages(FENCE), ids=lambda p: p.name)
def test_the_console_prints_what_the_page_shows(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _try(page, FENCE, tmp_path, request)


@pytest.mark.live
@pytest.mark.parametrize("page", _pages(LIVE), ids=lambda p: p.name)
def test_the_console_with_a_real_qemu_prints_what_the_page_shows(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    binary_or_skip("7.2")
    shutil.copytree(PAGES[0].parent / "docs" / "examples", tmp_path / "examples")
    try:
        _try(page, LIVE, tmp_path, request)
    finally:
        _end_daemons(tmp_path)


def _end_daemons(folder: Path) -> None:
    """Ends what the page's commands have started, which they tell in `pid`."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(int((folder / "pid").read_text()), signal.SIGKILL)


def _try(page: Path, fence: re.Pattern[str], tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Runs the commands of the page's fences of one kind."""
    text = page.read_text(encoding="utf-8")
    for other in PAGES:
        shutil.copy(other, tmp_path)
    path = os.pathsep.join([str(_command_folder(tmp_path)), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", "XDG_DATA_HOME": str(tmp_path / ".data")}
    environment.pop("MACHDESC_QEMU", None)

    def run(match: re.Match[str]) -> str:
        done = subprocess.run(
            ["bash", "-c", match[1]],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return f"$ {match[1]}\n{done.stdout}"

    found = fence.sub(lambda match: f"{match[1]}\n{COMMAND.sub(run, match[2])}```", text)
    if request.config.getoption("--update-goldens", default=False):
        page.write_text(found, encoding="utf-8")
    assert found == page.read_text(encoding="utf-8")


def _command_folder(folder: Path) -> Path:
    """A folder with a `machdesc` that is the one under test."""
    commands = folder / ".commands"
    commands.mkdir()
    script = commands / "machdesc"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m machdesc "$@"\n')
    script.chmod(0o755)
    return commands
