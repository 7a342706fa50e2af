"""A binary for another architecture is refused by all commands that are given a description and a binary."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.live.test_interruption import GUEST, fake

REAL = "qemu-system-aarch64"

COMMANDS = (
    *("lint", "compile", "run", "pin", "show", "check", "verify"),
    *("features --to 10.0", "upgrade --to 10.0", "rebase --to 10.0"),
)


def refusal(command: str, binary: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code, and what is printed on standard error."""
    path = folder / "guest.md"
    path.write_text(GUEST, encoding="utf-8")
    code = main([*command.split(), str(path), "--qemu", binary])
    printed = capsys.readouterr()
    assert printed.out == ""
    assert path.read_text(encoding="utf-8") == GUEST
    return code, printed.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_binary_for_another_architecture_is_refused(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = fake(tmp_path, "exit 3", arch="aarch64")
    told = f"`{binary}` emulates aarch64, and the description is for x86_64: name a qemu-system-x86_64"
    assert refusal(command, binary, tmp_path, capsys) == (2, f"machdesc: {told}\n")


@pytest.mark.parametrize("options", ["--old-qemu", "--new-qemu"])
def test_either_side_of_a_check_is_asked(
    options: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = fake(tmp_path, "exit 3", arch="aarch64")
    (tmp_path / "guest.md").write_text(GUEST, encoding="utf-8")
    words = ["check", str(tmp_path / "guest.md"), str(tmp_path / "guest.md"), options, binary]
    assert main(words) == 2
    assert "emulates aarch64" in capsys.readouterr().err


def test_a_binary_for_the_same_architecture_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, errors = refusal("lint", fake(tmp_path, "exit 3"), tmp_path, capsys)
    assert code == 0
    assert "aarch64" not in errors


@pytest.mark.parametrize("arch", ["", '", "arch": 3, "x": "'])
def test_a_binary_that_does_not_say_its_architecture_is_an_error(
    arch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = fake(tmp_path, "exit 3", arch=arch)
    told = f"machdesc: {binary}: does not say which architecture it emulates\n"
    assert refusal("lint", binary, tmp_path, capsys) == (2, told)


@pytest.mark.live
@pytest.mark.parametrize("command", ["verify", "compile"])
def test_a_real_one_is_refused(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which(REAL) is None:
        pytest.skip(f"no {REAL} here: apt-get install qemu-system-arm")
    code, errors = refusal(command, REAL, tmp_path, capsys)
    assert code == 2
    assert errors.startswith(f"machdesc: `{REAL}` emulates aarch64")
