"""`machdesc check` as a user meets it: what is printed, and the exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

import machdesc.cli.check
from machdesc.cli.main import main
from tests.check.repository import Repository, enter_repository, guest

TAIL = ' { reason "x"  until'


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository to run in, and a bare environment."""
    return enter_repository(tmp_path / "repo", monkeypatch)


def nic(mac: str) -> str:
    return f'device virtio-net-pci net0 at pcie.0/02.0 {{ mac "52:54:00:00:00:{mac}" }}'


RNG = "device virtio-rng-pci rng0 at pcie.0/03.0"
"""A device more, which breaks `live` and `cold` but not `additive`."""


def check(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["check", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_exit_codes(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("a.md", guest("g", nic("01")))
    repo.write("b.md", guest("g", nic("01"), RNG))
    repo.write("bad.md", guest("g", "device {"))
    assert check(capsys, "a.md", "a.md")[0] == 0
    assert check(capsys, "a.md", "b.md")[0] == 1
    assert check(capsys, "a.md", "b.md", "--require", "cold")[0] == 1
    assert check(capsys, "a.md", "b.md", "--require", "additive")[0] == 0
    assert check(capsys, "a.md", "bad.md")[0] == 2
    assert check(capsys, "bad.md", "a.md")[0] == 2
    assert check(capsys, "a.md", "nothing.md")[0] == 2
    assert check(capsys, "a.md", "b.md", "a.md", "bad.md")[0] == 2
    assert check(capsys, "a.md", "a.md", "a.md", "b.md")[0] == 1


def test_the_report_goes_to_stdout_and_diagnostics_to_stderr(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("a.md", guest("g", nic("01")))
    repo.write("b.md", guest("g", nic("02")))
    code, out, err = check(capsys, "a.md", "b.md")
    assert out.startswith("b.md:9:45: error: net0: `mac` changes from 52:54:00:00:00:01 to ")
    assert out.endswith("`live` is broken: 1 difference, in 1 pair\n")
    assert err == ""
    code, out, err = check(capsys, "a.md", "nothing.md")
    assert (code, out) == (2, "0 pairs compared; 1 could not be checked\n")
    assert err.startswith("nothing.md: error: ")


def test_what_breaks_nothing_is_information(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("a.md", guest("g", nic("01")))
    repo.write("b.md", guest("g", nic("01"), RNG))
    words = ("a.md", "b.md", "--require", "additive")
    _, out, _ = check(capsys, *words)
    assert "note: rng0" in out
    assert out.endswith("`additive` is kept in 1 pair; 1 for information\n")
    assert check(capsys, *words, "--quiet") == (0, "", "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["a.md"], "`a.md` has no partner: descriptions are given as OLD NEW"),
        (["a.md", "a.md", "a.md"], "has no partner"),
        (["a.md", "folder"], "`folder` is a folder, and `a.md` is not"),
        (["a.md", "a.md", "--qemu", "1.0"], "no catalog of QEMU 1.0"),
        (["a.md", "a.md", "--old-qemu", "1.0"], "no catalog of QEMU 1.0"),
        (["a.md", "a.md", "--require", "warm"], "invalid choice"),
        (["a.md", "a.md", "--jobs", "many"], "--jobs: `many` is not a number"),
        (["a.md", "--against", "nope"], "there is no commit `nope`"),
        (["nope:a.md", "a.md"], "there is no commit `nope`"),
        (["a.md", "a.md", "-o", "nowhere/x"], "nowhere/x: No such file"),
    ],
)
def test_wrong_use_is_2(
    repo: Repository, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    repo.commit(a_md=guest("g"), folder__b_md=guest("b"))
    code, _, err = check(capsys, *words)
    assert code == 2
    assert told in err


def test_an_upgrade_of_qemu(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("a.md", guest("g", nic("01"), "host { accel kvm }"))
    repo.write("b.md", guest("g", "host { accel tcg }"))
    code, out, _ = check(capsys, "a.md", "--old-qemu", "10.0", "--new-qemu", "11.1")
    assert code == 1
    assert out.startswith("a.md, QEMU 10.0 → 11.1\na.md:5:9: error: machine: the state of virtio devices ")
    assert out.endswith("`live` is broken: 2 differences, in 1 pair\n")
    assert check(capsys, "a.md", "--old-qemu", "11.1", "--new-qemu", "7.2")[0] == 0
    assert check(capsys, "a.md", "--old-qemu", "10.0", "--new-qemu", "10.0")[0] == 0
    code, out, _ = check(capsys, "a.md", "--old-qemu", "10.0", "--new-qemu", "11.1", "--require", "cold")
    assert code == 1
    assert "\n`cold` is broken: 1 difference, in 1 pair" in out
    code, out, _ = check(capsys, "b.md", "--old-qemu", "7.2", "--new-qemu", "10.0")
    assert code == 1
    assert "undecided: cpu: cannot decide " in out
    assert out.endswith("`live` is not shown to be kept: 1 that cannot be decided, in 1 pair\n")
    assert check(capsys, "b.md", "b.md", "--qemu", "10.0", "--new-qemu", "7.2")[0] == 1


def test_folders(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("old/a.md", guest("g", nic("01")))
    repo.write("new/a.md", guest("g", nic("02")))
    repo.write("old/README.md", "# Prose\n")
    repo.write("new/README.md", "# Other prose\n")
    repo.write("new/b.md", guest("b"))
    repo.write("old/c.md", guest("c"))
    code, out, err = check(capsys, "old", "new")
    assert (code, err) == (1, "")
    assert "old/a.md → new/a.md\n" in out
    assert "new/b.md: new: " in out
    assert "old/c.md: removed: " in out
    assert out.endswith("1 difference, in 1 pair; 1 new; 1 removed\n")


def test_versions_in_git(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit(guests__a_md=guest("g", nic("01")))
    repo.commit(guests__a_md=guest("g", nic("02")))
    code, out, _ = check(capsys, "HEAD~1:guests/a.md", "HEAD:guests/a.md")
    assert code == 1
    assert "HEAD:guests/a.md:9:45: error: " in out
    assert "HEAD~1:guests/a.md:9:45: it was\n" in out
    assert check(capsys, "HEAD~1:guests", "guests")[0] == 1
    assert check(capsys, "HEAD:guests", "guests/")[0] == 0
    assert check(capsys, ":guests/a.md", "guests/a.md")[0] == 0
    assert check(capsys, "HEAD:guests/b.md", "guests/a.md")[0] == 2


def test_against(
    repo: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = repo.commit(a_md=guest("g", nic("01")), README_md="# Prose\n")
    assert check(capsys, "--against", "auto", "a.md")[0] == 0
    repo.write("a.md", guest("g", nic("02")))
    assert check(capsys, "--against", "auto", "a.md")[0] == 1
    repo.commit()
    assert check(capsys, "--against", "auto", "a.md")[0] == 0
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", first)
    assert check(capsys, "--against", "auto", "a.md")[0] == 1
    assert check(capsys, "--against", "HEAD", "a.md")[0] == 0
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "f" * 40)
    code, _, err = check(capsys, "--against", "auto", "a.md")
    assert code == 2
    assert f"PRE_COMMIT_FROM_REF: there is no commit `{'f' * 40}` in this clone; fetch it: git fetch" in err


def test_a_foreign_file_that_is_named_is_told(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit(a_md=guest("g"), README_md="# Prose\n")
    assert check(capsys, "--against", "HEAD", "README.md", "a.md")[0] == 2
    assert check(capsys, "--against", "HEAD", ".")[0] == 0
    assert check(capsys, "--skip-foreign", "--against", "HEAD", "README.md", "a.md")[0] == 0
    assert check(capsys, "--skip-foreign", "README.md", "README.md")[0] == 0
    assert check(capsys, "README.md", "README.md")[0] == 2


@pytest.mark.parametrize("format", machdesc.cli.check.FORMATS)
def test_every_format_is_printed_or_written_whole(
    repo: Repository, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    repo.write("a.md", guest("g", nic("01")))
    repo.write("b.md", guest("g", nic("02")))
    words = ("a.md", "b.md", "--format", format)
    code, printed, _ = check(capsys, *words)
    assert code == 1
    code, out, err = check(capsys, *words, "-o", "report")
    assert (code, out, err) == (1, "", "`live` is broken: 1 difference, in 1 pair\n")
    assert (repo.folder / "report").read_text(encoding="utf-8") == printed
    assert sorted(os.listdir()) == [".git", "a.md", "b.md", "report"]


def test_ignoring(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    today = date.today()
    tomorrow, yesterday = today + timedelta(1), today - timedelta(1)

    def new(*ignores: str) -> tuple[int, str]:
        lines = [f"ignore {ignore.replace(' until', TAIL)} }}" for ignore in ignores]
        repo.write("b.md", guest("g", nic("02"), *lines))
        code, out, err = check(capsys, "a.md", "b.md")
        assert err == ""
        return code, out

    repo.write("a.md", guest("g", nic("01")))
    for subject in ("net0", '"net0"', "*"):
        for day in (today, tomorrow):
            code, out = new(f"MD033 {subject} until {day}")
            assert (code, out) == (0, "`live` is kept in 1 pair; 1 ignored\n")
    code, out = new(f"MD033 net0 until {yesterday}")
    assert code == 1
    assert "[MD033 device-property]" in out
    assert f"note: net0: `ignore MD033 net0` ended on {yesterday} [MD902 expired-ignore]" in out
    for ignore in ("MD033 net1", "MD032 net0"):
        code, out = new(f"{ignore} until {tomorrow}")
        assert code == 1
        assert f"`ignore {ignore}` ignores nothing [MD901 unused-ignore]" in out
    code, out = new(f"MD033 * until {tomorrow}", f"MD999 * until {tomorrow}")
    assert code == 0
    assert out.endswith("`live` is kept in 1 pair; 1 for information; 1 ignored\n")
    assert check(capsys, "a.md", "b.md", "--strict")[0] == 1
    assert check(capsys, "a.md", "b.md", "--strict", "--require", "additive")[0] == 1


def test_ignored_findings_are_told_as_such(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("a.md", guest("g", nic("01")))
    ignore = 'ignore MD033 net0 { reason "new card"  until 2099-12-31 }'
    repo.write("b.md", guest("g", nic("02"), ignore))
    (pair,) = json.loads(check(capsys, "a.md", "b.md", "--format", "json")[1])["pairs"]
    assert (pair["verdict"], pair["findings"]) == ("kept", [])
    (ignored,) = pair["ignored"]
    assert (ignored["reason"], ignored["until"], ignored["place"]["line"]) == ("new card", "2099-12-31", 10)
    (result,) = json.loads(check(capsys, "a.md", "b.md", "--format", "sarif")[1])["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "new card (until 2099-12-31)"
    assert "1 ignored" in check(capsys, "a.md", "b.md", "--format", "github")[1]
    assert "new card" in check(capsys, "a.md", "b.md", "--format", "junit")[1]
    assert "new card" in check(capsys, "a.md", "b.md", "--format", "markdown")[1]


def test_an_ignore_in_a_base_is_used_when_one_guest_uses_it(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    base = '```machdesc\nmachdesc 1\nmemory 1GiB\nignore MD033 net0 { reason "x"  until 2099-12-31 }\n```\n'
    for side, mac in (("old", "01"), ("new", "02")):
        repo.write(f"{side}/base.md", base)
        repo.write(f"{side}/a.md", guest("a", "machine q35 @ 7.2", nic(mac), include="base.md"))
        repo.write(f"{side}/b.md", guest("b", "machine q35 @ 7.2", include="base.md"))
    assert check(capsys, "old", "new") == (0, "`live` is kept in 2 pairs; 1 ignored\n", "")
    code, out, _ = check(capsys, "old/b.md", "new/b.md")
    assert code == 0
    assert "new/base.md:4:1: note: net0: `ignore MD033 net0` ignores nothing" in out


@pytest.mark.parametrize(
    ("ignore", "code", "words"),
    [
        ('ignore MD033 net0 { reason "x" }', "missing-property", "ignore"),
        ("ignore MD033 net0 { until 2099-01-01 }", "missing-property", "ignore"),
        ("ignore MD033 net0 {}", "missing-property", "ignore"),
        ('ignore MD033 net0 { reason ""  until 2099-01-01 }', "wrong-type", '""'),
        ("ignore MD033 net0 { reason yes  until 2099-01-01 }", "wrong-type", "yes"),
        ('ignore MD033 net0 { reason "x"  until 2099-02-30 }', "wrong-type", "2099-02-30"),
        ('ignore MD033 net0 { reason "x"  until tomorrow }', "wrong-type", "tomorrow"),
        ('ignore MD033 net0 { reason "x"  until 20990101 }', "wrong-type", "20990101"),
        ('ignore net0 net0 { reason "x"  until 2099-01-01 }', "bad-code", "net0"),
        ('ignore MD033 net0 { reason "x"  until 2099-01-01  since 1 }', "unknown-property", "since"),
        ('ignore MD033 net0 { reason "x"  until 2099-01-01 }\n' * 2, "duplicate-id", "net0"),
    ],
)
def test_an_ignore_that_is_not_whole_is_an_error(
    repo: Repository, capsys: pytest.CaptureFixture[str], ignore: str, code: str, words: str
) -> None:
    repo.write("a.md", guest("g"))
    repo.write("b.md", guest("g", ignore))
    for command in (["lint", "b.md"], ["check", "a.md", "b.md"]):
        assert main(command) == (1 if command[0] == "lint" else 2)
        err = capsys.readouterr().err
        assert f"[{code}]" in err
        assert "^" * len(words) in err


def test_colors_come_when_wanted(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("a.md", guest("g", nic("01")))
    repo.write("b.md", guest("g", nic("02")))
    assert "\033[" not in check(capsys, "a.md", "b.md")[1]
    assert "\033[" in check(capsys, "a.md", "b.md", "--color", "always")[1]
    assert "\033[" not in check(capsys, "a.md", "b.md", "--color", "always", "--format", "markdown")[1]


def test_odd_names_do_no_harm(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (b"a\xff.md", b"b\n.md", "c\u202e\x1b[31m.md".encode(), b"d:e.md"):
        for folder, mac in ((b"old", "01"), (b"new", "02")):
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, name), "w") as file:
                file.write(guest("g", nic(mac)))
    for format in machdesc.cli.check.FORMATS:
        code, out, _ = check(capsys, "old", "new", "--format", format)
        assert code == 1
        assert "\x1b" not in out
    # git is asked for a file by a line.
    os.unlink(b"new/b\n.md")
    repo.commit()
    assert check(capsys, "--against", "HEAD", "new")[0] == 0


def test_the_plain_command_imports_nothing_slow(repo: Repository) -> None:
    repo.write("a.md", guest("g", nic("01")))
    script = (
        "import sys; from machdesc.cli import main;"
        "code = main.main(['check', 'a.md', 'a.md']); print(code, *sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0"
    slow = {"argparse", "subprocess", "json", "datetime", "typing", "pathlib", "pickle", "inspect", "hashlib"}
    assert not slow & set(modules)
    assert not {name for name in modules if name.startswith("machdesc.check.baseline")}
