"""Broken settings are reported by every command that reads a description, whether it needs them or not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.check.repository import Repository, enter_repository, guest

BROKEN = {
    "typo": ('\nmachine-type = ["m"]\n', "machdesc.toml:2:1: error: there is no setting `machine-type`"),
    "syntax": ("x = = 1\n", "machdesc.toml:1:5: error: "),
    "kind": ("catalog = 1\n", "machdesc.toml:1:1: error: `catalog` is no folder"),
}

COMMANDS = [
    (["lint"], 1),
    (["fmt"], 1),
    (["pin"], 1),
    (["compile"], 1),
    (["run", "--dry-run", "--qemu", "10.0"], 1),
    (["show"], 1),
    (["features", "--to", "9.2"], 1),
    (["upgrade", "--to", "9.2", "--diff"], 1),
    (["rebase", "--to", "9.2", "--diff"], 1),
    (["check", "--against", "HEAD"], 2),
    (["check", "--old-qemu", "10.0", "--new-qemu", "10.0"], 2),
]


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with a guest, and with a program that `run` would find."""
    binary = tmp_path / "bin" / "qemu-system-x86_64"
    binary.parent.mkdir()
    binary.write_text("#!/bin/sh\necho QEMU emulator version 10.0.2\n")
    binary.chmod(0o755)
    repository = enter_repository(tmp_path / "repo", monkeypatch)
    monkeypatch.setenv("PATH", f"{binary.parent}:{os.environ['PATH']}")
    repository.commit(guests__a_md=guest("a"))
    return repository


@pytest.mark.parametrize(("words", "expected"), COMMANDS)
def test_the_guest_itself_is_fine(
    words: list[str], expected: int, repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("machdesc.toml", 'machine-types = ["m"]\n')
    assert main([*words, "guests/a.md"]) in (0, expected)
    assert "machdesc.toml" not in capsys.readouterr().err


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize(("words", "expected"), COMMANDS)
def test_every_command_reports_it(
    words: list[str], expected: int, kind: str, repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    text, told = BROKEN[kind]
    repo.write("machdesc.toml", text)
    assert main([*words, "guests/a.md"]) == expected
    err = capsys.readouterr().err
    assert err.count(told) == 1
    if kind == "typo":
        assert "did you mean `machine-types`?" in err


def test_what_is_mended_can_be_compared(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("machdesc.toml", BROKEN["typo"][0])
    repo.commit()
    assert main(["check", "--against", "HEAD", "guests"]) == 2
    assert main(["check", "HEAD:guests", "HEAD:guests"]) == 2
    assert "HEAD:machdesc.toml:2:1: error: there is no setting" in capsys.readouterr().err
    repo.write("machdesc.toml", 'machine-types = ["m"]\n')
    repo.write("guests/a.md", guest("a", "device virtio-rng-pci rng0 at pcie.0/03.0"))
    assert main(["check", "--against", "HEAD", "guests", "--require", "additive"]) == 0


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ('[project]\nname = "x"\ndependencies = ["machdesc"]\n', False),
        ("x = = broken\n", False),
        ("[tool.other]\nx = 1\n", False),
        ("[tool.machdesc]\nmachine-type = 1\n", True),
        ("[tool]\nmachdesc = { machine-type = 1 }\n", True),
        ("[ tool ]\nmachdesc.machine-type = 1\n", True),
        ("tool.machdesc.machine-type = 1\n", True),
        ("[tool.'machdesc']\nmachine-type = 1\n", True),
        ("[tool.machdesc]\nx = = broken\n", True),
    ],
)
def test_a_python_project_is_read_when_it_may_set_something(
    text: str, reported: bool, repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("pyproject.toml", text)
    assert main(["lint", "guests"]) == int(reported)
    assert ("pyproject.toml" in capsys.readouterr().err) == reported
    script = "import sys; from machdesc.cli.main import main; main(['lint', 'guests']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert bool({"tomllib", "tomli"} & set(done.stdout.split())) == reported


def test_git_is_asked_once_for_a_folder(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    from machdesc.check.baseline import Commit

    asked: list[str] = []
    has = Commit._has

    def ask(self: Commit, path: str) -> bool:
        asked.append(path)
        return has(self, path)

    monkeypatch.setattr(Commit, "_has", ask)
    for number in range(5):
        repo.write(f"guests/{number}.md", guest("x"))
    repo.commit()
    assert main(["check", "HEAD:guests", "HEAD:guests", "--jobs", "1"]) == 0
    assert len(asked) == 4
