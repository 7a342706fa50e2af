"""The console fences of the README and the documentation are run, and print what is shown.

They run in a folder with copies of all pages, and with a data folder that is empty.
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

from tests.docs.page import PAGES

FENCE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@pytest.mark.parametrize(
    "page", [p for p in PAGES if FENCE.search(p.read_text("utf-8"))], ids=lambda p: p.name
)
def test_the_console_prints_what_the_page_shows(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
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
