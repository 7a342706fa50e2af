"""The console fences of the README and the tutorial are run, and print what is shown.

`pytest --update-goldens` writes the real output into the pages.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "tutorial.md"]
FENCE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_console_prints_what_the_page_shows(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = page.read_text(encoding="utf-8")
    shutil.copy(ROOT / "README.md", tmp_path)
    path = os.pathsep.join([str(_command_folder(tmp_path)), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
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

    found = FENCE.sub(lambda fence: "```console\n" + COMMAND.sub(run, fence[1]) + "```", text)
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
