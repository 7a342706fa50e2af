"""The commands of the recipes in docs/ci.md, run in a real repository as CI would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from machdesc.check.baseline import VARIABLES
from tests.check.repository import Repository, guest

PAGE = Path(__file__).parents[2] / "docs" / "ci.md"
FENCES = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
COMMANDS = sorted({c for fence in FENCES for c in re.findall(r"(?:run: |- )(machdesc .*)", fence)})


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A branch that has changed a guest, and what a CI system says of it."""
    for variable in ("MACHDESC_QEMU", *(name for name, _ in VARIABLES)):
        monkeypatch.delenv(variable, raising=False)
    repository = Repository(tmp_path / "repo")
    repository.commit(guests__a_md=guest("a"), guests__README_md="# The guests\n")
    repository.git("switch", "-q", "-c", "topic")
    repository.commit(guests__a_md=guest("a", "", "# A comment is no change of the guest."))
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return repository


def run(repo: Repository, command: str) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "-c", re.sub(r"\bmachdesc\b", f"{sys.executable} -m machdesc", command, count=1)],
        cwd=repo.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_of_a_recipe_works(repo: Repository, command: str) -> None:
    code, output = run(repo, command)
    assert code == 0, output


def test_a_broken_promise_fails_the_recipe(repo: Repository, tmp_path: Path) -> None:
    repo.commit(guests__a_md=guest("a").replace("q35 @ 7.2", "q35 @ 9.2"))
    for command in COMMANDS:
        code, output = run(repo, command)
        assert code == command.startswith("machdesc check"), output
    assert "<details open>" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    written = {name for name in os.listdir(repo.folder) if name not in (".git", "guests")}
    assert written == {"guests.sarif", "guests.xml", "report.md"}
