"""The hooks, run by the real pre-commit in real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from machdesc.check.baseline import VARIABLES
from tests.check.repository import Repository, guest

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
PRE_COMMIT = [sys.executable, "-m", "pre_commit"]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository, and a cache of its own for pre-commit."""
    for variable in ("MACHDESC_QEMU", *(name for name, _ in VARIABLES)):
        monkeypatch.delenv(variable, raising=False)
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return Repository(tmp_path / "repo")


@pytest.fixture
def hooked(repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The same with our hooks, whose `machdesc` is the one under test and not one installed anew."""
    commands = tmp_path / "commands"
    commands.mkdir()
    script = commands / "machdesc"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m machdesc "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(commands), os.environ["PATH"]]))
    hooks = MANIFEST.read_text(encoding="utf-8").replace("language: python", "language: system")
    lines = "".join(f"      {line}\n" for line in hooks.splitlines() if not line.startswith("#"))
    repo.write(".pre-commit-config.yaml", f"repos:\n  - repo: local\n    hooks:\n{lines}")
    return repo


def pre_commit(repo: Repository, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [*PRE_COMMIT, "run", "--color=never", *words],
        cwd=repo.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def nic(mac: str) -> str:
    return f'device virtio-net-pci net0 at pcie.0/02.0 {{ mac "52:54:00:00:00:{mac}" }}'


def results(output: str) -> dict[str, str]:
    """Hook -> what pre-commit says of it."""
    lines = [line for line in output.splitlines() if line.startswith("machdesc") and "...." in line]
    return {line.partition(".")[0].split()[1]: line.rpartition(".")[2] for line in lines}


def test_the_manifest_is_valid() -> None:
    subprocess.run([*PRE_COMMIT, "validate-manifest", str(MANIFEST)], check=True)


def test_a_good_commit_passes_and_prose_is_passed_over(hooked: Repository) -> None:
    hooked.commit()
    hooked.write("guests/a.md", guest("a", nic("01")))
    hooked.write("README.md", "# Prose\n\n```console\n$ true\n```\n")
    hooked.git("add", "--all")
    code, output = pre_commit(hooked)
    assert (code, results(output)) == (0, {"lint": "Passed", "fmt": "Passed", "check": "Passed"}), output


def test_lint_and_fmt_find_what_is_amiss(hooked: Repository) -> None:
    hooked.commit()
    hooked.write("a.md", guest("a", "device   nothing-such x"))
    hooked.git("add", "--all")
    code, output = pre_commit(hooked, "machdesc-lint")
    assert code == 1
    assert "a.md:9:10: error: " in output
    code, output = pre_commit(hooked, "machdesc-fmt")
    assert code == 1
    assert "files were modified by this hook" in output
    assert "device nothing-such x" in (hooked.folder / "a.md").read_text()


def test_check_compares_what_is_staged_with_head(hooked: Repository) -> None:
    hooked.commit(guests__a_md=guest("a", nic("01")))
    hooked.write("guests/a.md", guest("a", nic("02")))
    hooked.git("add", "--all")
    # What is not staged is not committed either.
    hooked.write("guests/a.md", guest("a", nic("01")))
    code, output = pre_commit(hooked, "machdesc-check")
    assert code == 1
    assert "guests/a.md:9:45: error: net0: " in output
    assert "HEAD:guests/a.md:9:45: it was" in output
    assert (hooked.folder / "guests" / "a.md").read_text() == guest("a", nic("01"))


def test_check_compares_between_two_commits(hooked: Repository) -> None:
    first = hooked.commit(guests__a_md=guest("a", nic("01")))
    second = hooked.commit(guests__a_md=guest("a", nic("02")))
    code, output = pre_commit(hooked, "machdesc-check", "--from-ref", first, "--to-ref", second)
    assert code == 1
    assert f"{first[:12]}:guests/a.md:9:45: it was" in output
    assert pre_commit(hooked, "machdesc-check", "--all-files")[0] == 0


def test_check_looks_at_the_guests_of_a_changed_base(hooked: Repository) -> None:
    hooked.commit(
        base_md=f"```machdesc\nmachdesc 1\nmemory 1GiB\n{nic('01')}\n```\n",
        guests__a_md=guest("a", "machine q35 @ 7.2", include="../base.md"),
    )
    hooked.write("base.md", f"```machdesc\nmachdesc 1\nmemory 1GiB\n{nic('02')}\n```\n")
    hooked.git("add", "--all")
    code, output = pre_commit(hooked, "machdesc-check")
    assert code == 1
    assert "HEAD:guests/a.md → guests/a.md" in output or "HEAD:base.md:4:" in output


def test_the_first_commit_is_new(hooked: Repository) -> None:
    hooked.write("a.md", guest("a"))
    hooked.git("add", "--all")
    assert pre_commit(hooked, "machdesc-check")[0] == 0


@pytest.mark.live
def test_the_hooks_install_themselves(repo: Repository, tmp_path: Path) -> None:
    """pre-commit clones the repository of the hooks and installs the package with pip, for which
    pip needs its index, or a cache of it."""
    source = Repository(tmp_path / "machdesc")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for path in listed.stdout.decode().split("\0"):
        if not path or not (ROOT / path).exists():
            continue
        target = source.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target, follow_symlinks=False)
    revision = source.commit()
    hooks = "".join(f"      - id: machdesc-{name}\n" for name in ("lint", "fmt", "check"))
    config = f"repos:\n  - repo: {source.folder}\n    rev: {revision}\n    hooks:\n{hooks}"
    repo.commit(guests__a_md=guest("a", nic("01")))
    repo.write(".pre-commit-config.yaml", config)
    repo.write("guests/a.md", guest("a", nic("02")))
    repo.write("README.md", "# Prose\n")
    repo.git("add", "--all")
    code, output = pre_commit(repo)
    assert (code, results(output)) == (1, {"lint": "Passed", "fmt": "Passed", "check": "Failed"}), output
    assert "guests/a.md:9:45: error: net0: " in output
