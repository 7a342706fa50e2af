"""The two commands of README where nothing is installed, as far as a test can have that without a machine of
its own: `python3 -m tests.fresh` has one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.page import ROOT, fences
from tests.fresh.__main__ import SHOWN, TRIALS, _succeeds
from tests.fresh.machine import Done

PROGRAMS = (
    *("sh", "bash", "env", "dirname", "basename", "mktemp", "cp", "rm", "chmod", "touch"),
    *("sed", "cat", "grep", "cmp", "tail"),
)
"""What Debian calls essential, as far as the scripts use it."""


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder of programs that has no git, patch, pip or package manager, nor yet a Python."""
    folder = tmp_path / "commands"
    folder.mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with what `bin/try` may use."""
    top = tmp_path / "checkout"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("bin", "machdesc", "grammar", "machines", "docs"):
        shutil.copytree(ROOT / name, top / name, ignore=ignored, symlinks=True)
    shutil.copy(ROOT / "README.md", top)
    shutil.copy(ROOT / "pyproject.toml", top)
    return top


_MAKER = """case "$2" in
  venv) echo "makes $3"; exit 7 ;;
  *ensurepip*) ;;
  *) echo 3.11.2 ;;
esac"""
"""A Python that would make an environment."""


def add_program(folder: Path, name: str, text: str) -> None:
    """A script among the programs."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def add_python(folder: Path, name: str = "python3") -> None:
    """A Python that can import nothing but its own library."""
    add_program(folder, name, f'exec {sys.executable} -s -S "$@"')


def run(commands: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    scratch = commands.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    environment = {"PATH": str(commands), "HOME": "/nonexistent", "TMPDIR": str(scratch), **variables}
    done = subprocess.run(words, env=environment, cwd=scratch, capture_output=True, text=True, check=False)
    assert not list(scratch.iterdir())
    return done


def test_bin_try_needs_python_alone(commands: Path, checkout: Path) -> None:
    add_python(commands)
    done = run(commands, str(checkout / "bin/try"))
    assert done.stderr == ""
    assert _succeeds(Done(done.returncode, done.stdout), *SHOWN) == ""
    (guest,) = fences(ROOT / "README.md", "machdesc")
    assert guest in done.stdout
    # The change of the host is none that the guest sees.
    assert "restrict on" in done.stdout
    assert "`live` is broken: 4 differences, in 1 pair" in done.stdout


@pytest.mark.parametrize("name", ["linux-server", "microvm", "router"])
def test_bin_try_shows_any_example(name: str, commands: Path, checkout: Path) -> None:
    add_python(commands)
    example = checkout / f"docs/examples/{name}.md"
    done = run(commands, str(checkout / "bin/try"), str(example), "11.1", MACHDESC_QEMU="1.0")
    assert (done.returncode, done.stderr) == (0, "")
    for text in fences(example, "machdesc"):
        assert text in done.stdout
    assert f"$ machdesc compile {name}.md --qemu 11.1\n" in done.stdout
    assert "\nqemu-system-x86_64 " in done.stdout
    assert ("There is no machine type" in done.stdout) == (name == "microvm")
    assert ("@ 11.1" in done.stdout) == (name != "microvm")


def test_bin_try_says_what_it_lacks(commands: Path, checkout: Path) -> None:
    done = run(commands, str(checkout / "bin/try"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bin/try: missing: Python 3.10 or later\n"
    add_program(commands, "python3", "echo 3.9.18")
    done = run(commands, str(checkout / "bin/try"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bin/try: missing: Python 3.10 or later (python3 is 3.9.18)\n"
    add_python(commands, "python3.12")
    done = run(commands, str(checkout / "bin/try"), "nowhere.md")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bin/try: there is no file nowhere.md\n"
    assert run(commands, str(checkout / "bin/try")).returncode == 0


@pytest.mark.parametrize(
    ("manager", "line"),
    [
        ("dnf", "; run: dnf install python3 git patch  (as root)"),
        ("zypper", "; run: zypper install python3 git patch  (as root)"),
        ("pacman", "; run: pacman -S python git patch  (as root)"),
        ("apk", "; run: apk add python3 git patch  (as root)"),
        ("brew", "; run: brew install python git patch"),
        ("", ""),
    ],
)
def test_all_that_is_missing_is_named_at_once(
    manager: str, line: str, commands: Path, checkout: Path
) -> None:
    if manager:
        add_program(commands, manager, "exit 1")
    done = run(commands, str(checkout / "bin/test"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"bin/setup: missing: Python 3.10 or later, git, patch{line}\n"
    # A Python that cannot make environments.
    add_program(commands, "python3", '[ "$2" = "import ensurepip, venv" ] && exit 1\necho 3.11.2')
    done = run(commands, str(checkout / "bin/test"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"bin/setup: missing: venv, git, patch{line}\n"


def test_git_and_patch_are_needed_in_ci_alone(commands: Path, checkout: Path) -> None:
    add_program(commands, "python3", _MAKER)
    done = run(commands, str(checkout / "bin/setup"))
    assert done.stderr == "bin/setup: missing: git, patch\n"
    assert (done.returncode, done.stdout) == (7, "makes .venv\n")
    done = run(commands, str(checkout / "bin/setup"), CI="true")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.skipif(not os.path.exists("/etc/debian_version"), reason="needs Debian's /etc/os-release")
@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, who can install")
def test_debian_installs_what_is_missing(commands: Path, checkout: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    new = " ".join(f"{commands}/{name}" for name in ("git", "patch"))
    install = f'[ "$1" = update ] || {{ touch {new}; chmod +x {new}; }}'
    add_program(commands, "apt-get", f'echo "$DEBIAN_FRONTEND $*" >> {log}\n{install}')
    add_program(commands, "python3", _MAKER)
    done = run(commands, str(checkout / "bin/setup"))
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout == "bin/setup: apt-get install git patch\nmakes .venv\n"
    assert log.read_text().splitlines() == [
        "noninteractive update -qq",
        "noninteractive install -qq --yes --no-install-recommends git patch",
    ]


def test_the_proof_finds_the_lines_that_it_runs() -> None:
    for way in ("venv", "pipx", "uv"):
        assert f"install-{way}" in TRIALS
        (text,) = fences(ROOT / "README.md", f"sh install {way}")
        assert text.endswith("install .\n")
