"""A real git repository in a folder of its own, to test with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from machdesc.check.baseline import VARIABLES

BASE = """machdesc 1
machine q35 @ 7.2
cpu Skylake-Server @ v5 { cpus 2 }
memory 1GiB
"""


def guest(name: str, *lines: str, include: str = "") -> str:
    """A literate description of a guest; without an include it is whole."""
    start = f'machdesc 1\nguest {name}\ninclude "{include}"\n' if include else BASE + f"guest {name}\n"
    return f"# {name}\n\n```machdesc\n{start}" + "".join(f"{line}\n" for line in lines) + "```\n"


class Repository:
    """A repository with files that can be written and committed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        """Runs git, away from the user's own configuration."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **{
                f"GIT_{who}_{what}": "t@example.org"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
            "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
            "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
        }
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *words],
            cwd=self.folder, env=environment, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, path: str, text: str) -> Path:
        """Writes a file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def commit(self, **files: str) -> str:
        """Writes files, `__` standing for `/` and `_md` for `.md`, and commits all; the hash."""
        for name, text in files.items():
            self.write(name.replace("__", "/").replace("_md", ".md"), text)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")


def enter_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository to run in, and a bare environment."""
    for variable in ("MACHDESC_QEMU", *(name for name, _ in VARIABLES)):
        monkeypatch.delenv(variable, raising=False)
    repository = Repository(folder)
    monkeypatch.chdir(repository.folder)
    return repository
