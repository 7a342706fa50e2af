"""No command is fine with having looked at nothing: an empty value, an empty folder, files nobody reads."""

from __future__ import annotations

import json
import os
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

import machdesc.cli.check
from machdesc.cli.main import COMMANDS, command_module, main
from machdesc.cli.parser import Parser
from tests.check.repository import Repository, enter_repository, guest

RAW = "machdesc 1\nguest r\nmachine q35 @ 9.2\nmemory 1GiB\n"


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    return enter_repository(tmp_path / "repo", monkeypatch)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main([*words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def options() -> list[tuple[str, str]]:
    """Every option of every command that takes a value, and every command with a positional argument."""
    found = []
    for command in COMMANDS:
        parser = Parser(prog=command)
        command_module(command).add_arguments(parser)
        found += [(command, action.option_strings[-1]) for action in parser._actions
                  if action.option_strings and action.nargs != 0]  # fmt: skip
        found += [(command, "") for action in parser._actions if not action.option_strings][:1]
    return found


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize(("command", "option"), options())
def test_an_empty_value_is_wrong_use(
    command: str, option: str, joined: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ([f"{option}="] if joined else [option, ""]) if option else [""]
    code, out, err = run(capsys, command, *given)
    assert (code, out) == (2, "")
    assert f"error: argument {option}" in err or f"/{option}: the value is empty" in err
    assert "the value is empty; is a variable of the shell not set?" in err


def test_an_unset_baseline_does_not_pass(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit(a_md=guest("g"))
    repo.write("a.md", guest("g").replace("1GiB", "2GiB"))
    repo.commit()
    assert run(capsys, "check", "--against", "HEAD~1", "a.md")[0] == 1
    code, out, err = run(capsys, "check", "--against", "", "a.md")
    assert (code, out) == (2, "")
    assert "--against" in err
    assert run(capsys, "check", "--against", "...", "a.md")[0] == 2


def write_folder(repo: Repository, kind: str) -> None:
    """A folder `d` in which there is nothing to do, and one beside it that is fine."""
    (repo.folder / "d").mkdir()
    if kind == "foreign":
        repo.write("d/README.md", "# Prose\n")
        repo.write("d/x.toml", "a = 1\n")
    if kind == "hidden":
        repo.write("d/.hidden/a.md", guest("a"))
    repo.write("fine/a.md", guest("a"))


EMPTY = "d: error: the folder holds no descriptions [no-descriptions]"


@pytest.mark.parametrize("kind", ["empty", "foreign", "hidden"])
@pytest.mark.parametrize(
    "words", [["lint"], ["fmt"], ["fmt", "--check"], ["fmt", "--diff"], ["check", "--against", "HEAD"]]
)
def test_a_folder_without_descriptions(
    repo: Repository, capsys: pytest.CaptureFixture[str], kind: str, words: list[str]
) -> None:
    write_folder(repo, kind)
    repo.commit()
    for folders in (["d"], ["fine", "d"]):
        code, _, err = run(capsys, *words, *folders)
        assert code == 2
        assert EMPTY in err
    assert run(capsys, *words, "fine")[0] == 0
    assert run(capsys, *words, "--skip-foreign", "d") == (0, "", "")


@pytest.mark.parametrize("kind", ["empty", "foreign"])
def test_two_folders_of_which_one_holds_none(
    repo: Repository, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    write_folder(repo, kind)
    repo.commit()
    for words in (["d", "d"], ["d", "fine"], ["fine", "d"], ["d", "--old-qemu", "7.2", "--new-qemu", "10.0"]):
        code, out, err = run(capsys, "check", *words)
        assert code == 2
        assert EMPTY in err
        assert "is kept" not in out
    assert run(capsys, "check", "fine", "fine", "d", "d")[0] == 2
    assert run(capsys, "check", "--skip-foreign", "d", "d") == (0, "", "")
    if kind == "foreign":
        code, _, err = run(capsys, "check", "HEAD:d", "d")
        assert code == 2
        assert EMPTY.replace("d:", "HEAD:d:", 1) in err


def test_two_folders_without_a_pair(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("old/a.md", guest("a"))
    repo.write("new/b.md", guest("a"))
    code, out, err = run(capsys, "check", "old", "new")
    assert code == 2
    assert out.endswith("warning: no descriptions compared; 1 new; 1 removed\n")
    assert err.startswith("error: no descriptions were compared [nothing-compared]\n")


def test_what_is_new_or_removed_is_reported_and_fine(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(guests__old_md=guest("o"))
    os.rename("guests/old.md", "elsewhere.md")
    repo.write("guests/new.md", guest("other", "device virtio-rng-pci rng0 at pcie.0/03.0"))
    code, out, err = run(capsys, "check", "--against", "HEAD", "guests")
    assert (code, err) == (0, "")
    assert out.endswith("warning: no descriptions compared; 1 new; 1 removed\n")
    assert run(capsys, "check", "--against", "HEAD", "guests/new.md")[0] == 0
    assert run(capsys, "check", "--against", "HEAD", "guests/old.md")[0] == 0


def test_before_the_first_commit(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(repo, "foreign")
    code, out, _ = run(capsys, "check", "--against", "auto", "fine")
    assert (code, out.splitlines()[-1]) == (0, "warning: no descriptions compared; 1 new")
    assert run(capsys, "check", "--against", "auto", "d")[0] == 2
    assert run(capsys, "check", "--against", "auto", "--skip-foreign", "d") == (0, "", "")
    code, _, err = run(capsys, "check", "--against", "HEAD", "fine")
    assert code == 2
    assert "there is no commit `HEAD`" in err


@pytest.mark.parametrize("format", machdesc.cli.check.FORMATS)
def test_no_report_reads_as_kept(repo: Repository, capsys: pytest.CaptureFixture[str], format: str) -> None:
    repo.commit(base_md="```machdesc\nmachdesc 1\nmemory 1GiB\n```\n")
    repo.write("new.md", guest("n"))
    for words, expected in ((["new.md"], 0), (["base.md"], 2), (["--skip-foreign", "base.md"], 0)):
        code, out, err = run(capsys, "check", "--against", "HEAD", "--format", format, *words)
        assert code == expected
        told = out + (err if format == "text" else "")
        assert "kept" not in told
        assert ("base.md" in unescape(told)) == ("base.md" in words)
        if format == "json":
            document = json.loads(out)
            assert document["verdict"] == ("failed" if code else "nothing")
            assert document["compared"] == 0
        elif format == "sarif":
            (sarif,) = json.loads(out)["runs"]
            assert sarif["invocations"][0]["executionSuccessful"] == (code == 0)
            assert sarif["properties"]["verdict"] == ("failed" if code else "nothing")
        elif format == "junit":
            suite = ElementTree.fromstring(out)
            assert suite.get("errors") == ("1" if code else "0")
            assert "no descriptions compared" in out or code
        else:
            assert "no descriptions compared" in out


def test_a_hook_with_foreign_files_alone_is_quiet(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(README_md="# Prose\n")
    for words in (["lint"], ["fmt"], ["check", "--against", "auto"]):
        assert run(capsys, *words, "--skip-foreign", "README.md") == (0, "", "")


@pytest.mark.parametrize("words", [["lint"], ["fmt", "--check"], ["check", "--against", "HEAD"]])
def test_a_folder_that_cannot_be_read(
    repo: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    repo.commit(guests__a_md=guest("a"), guests__inner__b_md=guest("b"))
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("inner"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    # Tests may run as root, from whom no folder is kept.
    monkeypatch.setattr(os, "scandir", refuse)
    code, _, err = run(capsys, *words, "guests")
    assert code == (2 if words[0] == "check" else 1)
    assert "guests/inner: error: the folder cannot be read: Permission denied [unreadable]" in err


def test_raw_descriptions_are_read_by_their_suffix(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("guests/r.machdesc", RAW)
    repo.commit()
    for words in (["lint"], ["fmt", "--check"], ["check", "--against", "HEAD"]):
        assert run(capsys, *words, "guests")[0] == 0
    repo.write("guests/r.machdesc", RAW.replace("1GiB", "2GiB") + "device   nothing-such x\n")
    assert run(capsys, "lint", "guests")[0] == 1
    assert run(capsys, "fmt", "--check", "guests")[0] == 1
    repo.write("guests/r.machdesc", RAW.replace("1GiB", "2GiB"))
    assert run(capsys, "check", "--against", "HEAD", "guests")[0] == 1
    assert run(capsys, "check", "HEAD:guests", "guests")[0] == 1
    os.unlink("guests/r.machdesc")
    assert "1 removed" in run(capsys, "check", "--against", "HEAD", "guests")[1]


def test_a_machdesc_file_without_a_text_is_wrong_everywhere(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("guests/a.md", guest("a"))
    repo.write("guests/r.machdesc", RAW.removeprefix("machdesc 1\n"))
    repo.commit()
    for words in (["lint"], ["fmt"], ["check", "--against", "HEAD"], ["lint", "--skip-foreign"]):
        code, _, err = run(capsys, *words, "guests")
        assert code == (2 if words[0] == "check" else 1)
        assert "guests/r.machdesc: error: holds no machdesc text [not-machdesc]" in err


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_raw_description_under_another_suffix_is_mentioned(
    repo: Repository, capsys: pytest.CaptureFixture[str], start: str
) -> None:
    repo.write("guests/a.md", guest("a"))
    repo.write("guests/b.txt", start + RAW)
    repo.write("guests/c.txt", "machdesc is a tool\n")
    repo.write("guests/.hidden/d.txt", RAW)
    os.mkfifo("guests/pipe")
    repo.commit()
    for words in (["lint"], ["fmt", "--check"], ["check", "--against", "HEAD"]):
        code, _, err = run(capsys, *words, "guests")
        assert code == 0
        assert [line.split(":")[0] for line in err.splitlines() if "[raw-suffix]" in line] == ["guests/b.txt"]
        assert "call it `b.machdesc`" in err
    assert run(capsys, "lint", "--strict", "guests")[0] == 1
    # By its name, a file may have any suffix.
    assert run(capsys, "lint", "guests/b.txt") == (0, "", "")


@pytest.mark.parametrize("jobs", ["4000000000", "9" * 5000, "-1", "x", "1.5", "٣"])
def test_jobs_are_bounded(repo: Repository, capsys: pytest.CaptureFixture[str], jobs: str) -> None:
    repo.write("a.md", guest("a"))
    code, _, err = run(capsys, "check", "a.md", "a.md", f"--jobs={jobs}")
    assert code == 2
    assert f"--jobs: `{jobs[:5]}" in err
    assert run(capsys, "check", "a.md", "a.md", "a.md", "a.md", "--jobs=256")[0] == 0
