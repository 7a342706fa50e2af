"""Folders of bases and machine types are judged through the guests built on them, wherever these lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.check.repository import Repository, enter_repository
from tests.check.test_dependent import block
from tests.variant.folder import GUEST, TYPES

BASE = "machine q35 @ 9.2\nmemory 1GiB\n"
OTHER = BASE.replace("1GiB", "2GiB")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    return enter_repository(tmp_path / "repo", monkeypatch)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit code of `check --against HEAD` and what it prints."""
    capsys.readouterr()
    code = main(["check", "--against", "HEAD", *words])
    out, err = capsys.readouterr()
    return code, out + err


def fleet(repo: Repository, number: int = 3, base: str = BASE) -> None:
    """Guests in folders of their own on a base that is included through another one."""
    repo.write("bases/base.md", block(base))
    repo.write("bases/inner/web.md", block('include "../base.md"\n'))
    for guest in range(number):
        text = block(f'include "../../bases/inner/web.md"\nguest g{guest}\n')
        repo.write(f"guests/{guest}/g.md", text)
    repo.commit()


@pytest.mark.parametrize("named", ["bases", "./bases/", "bases/base.md", "bases/inner", "."])
def test_a_changed_base_breaks_the_guests_elsewhere(
    named: str, repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet(repo)
    assert run(capsys, named) == (0, "`live` is kept in 3 pairs\n")
    repo.write("bases/base.md", block(OTHER))
    code, output = run(capsys, named)
    assert code == 1
    assert "in 3 pairs" in output
    assert "unused-base" not in output


def test_a_base_that_is_deleted(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    fleet(repo)
    os.unlink("bases/base.md")
    code, output = run(capsys, "bases")
    assert code == 2
    assert "cannot include `bases/base.md`" in output
    assert "3 could not be checked" in output


@pytest.mark.parametrize("change", [False, True])
def test_a_base_that_is_renamed(change: bool, repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    fleet(repo)
    repo.git("mv", "bases/base.md", "bases/common.md")
    repo.write("bases/inner/web.md", block('include "../common.md"\n'))
    repo.write("bases/common.md", block(OTHER if change else BASE))
    repo.git("add", "--all")
    code, output = run(capsys, "bases")
    assert code == int(change)
    assert "in 3 pairs" in output


@pytest.mark.parametrize("renamed", [False, True])
def test_guests_that_leave_a_base_that_goes(
    renamed: bool, repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet(repo)
    repo.git("rm", "-rq", "bases")
    repo.write("common/other.md", block(OTHER))
    for guest in range(3):
        name = f"guests/{guest}/{'new' if renamed else 'g'}.md"
        if renamed:
            repo.git("mv", f"guests/{guest}/g.md", name)
        repo.write(name, block(f'include "../../common/other.md"\nguest g{guest}\n'))
    repo.git("add", "--all")
    code, output = run(capsys, "bases")
    assert code == 1
    assert "in 3 pairs" in output


def test_a_guest_that_is_renamed_by_case_alone(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    fleet(repo, 1)
    repo.git("mv", "guests/0/g.md", "guests/0/G.md")
    assert run(capsys, "guests") == (0, "`live` is kept in 1 pair\n")
    repo.write("bases/base.md", block(OTHER))
    for named in ("guests", "bases"):
        code, output = run(capsys, named)
        assert code == 1
        assert "in 1 pair" in output


def test_a_base_that_no_guest_includes(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    fleet(repo, 1)
    repo.write("bases/unused.md", block("memory 1GiB\n"))
    code, output = run(capsys, "bases")
    told = ["bases/unused.md: new: there is nothing to compare it with", "`live` is kept in 1 pair; 1 new"]
    assert (code, output.splitlines()) == (0, told)
    repo.commit()
    code, output = run(capsys, "bases")
    assert code == 0
    assert output.startswith("`live` is kept in 1 pair\nbases/unused.md: warning: describes no guest, and no")
    code, output = run(capsys, "bases/unused.md")
    assert code == 2
    assert output.startswith("warning: no descriptions compared\n")
    assert main(["lint", "bases/unused.md"]) == 0
    assert "only its syntax was checked [unused-base]" in capsys.readouterr().err


def test_two_folders_with_a_base_of_no_guest(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    for side in ("old", "new"):
        repo.write(f"{side}/base.md", block("memory 1GiB\n"))
    assert main(["check", "old", "new"]) == 2
    out, err = capsys.readouterr()
    assert out == "warning: no descriptions compared\n"
    assert "new/base.md: warning: describes no guest" in err
    assert "error: no descriptions were compared [nothing-compared]" in err
    for side in ("old", "new"):
        repo.write(f"{side}/g.md", block('include "base.md"\nguest g\nmachine q35 @ 9.2\n'))
    assert main(["check", "old", "new"]) == 0
    assert capsys.readouterr().err == ""


@pytest.fixture
def acme(repo: Repository) -> Repository:
    """Two machine types, the second of which follows the first; a guest under both, and two under none."""
    repo.write("machdesc.toml", 'machine-types = ["machines"]\n')
    for name, text in TYPES.items():
        repo.write(f"machines/{name}.md", block(text))
    repo.write("guests/web01.md", block(GUEST))
    repo.write("guests/full.md", block("guest full\nmachine pc-q35-9.2-acme.1\nmemory 1GiB\n"))
    repo.write("guests/plain.md", block("guest plain\n" + BASE))
    repo.write("guests/based.md", block('include "../base/acme.md"\nguest based\n'))
    repo.write("base/acme.md", block("machine q35 @ 9.2-acme\nmemory 1GiB\n"))
    repo.commit()
    return repo


@pytest.mark.parametrize("named", ["machines", "machines/pc-q35-9.2-acme.md"])
def test_a_changed_machine_type_is_judged_through_its_guests(
    named: str, acme: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    # Two machine types and three guests.
    assert run(capsys, named) == (0, "`live` is kept in 5 pairs\n")
    text = TYPES["pc-q35-9.2-acme"].replace("smm off", "smm on")
    acme.write("machines/pc-q35-9.2-acme.md", block(text))
    code, output = run(capsys, named)
    assert code == 1
    for name in ("guests/web01.md", "guests/full.md", "guests/based.md"):
        assert f"{name}\n" in output
    assert "plain" not in output


def test_a_machine_type_that_is_deleted(acme: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    os.unlink("machines/pc-q35-9.2-acme.md")
    code, output = run(capsys, "machines")
    assert code == 2
    assert "guests/full.md" in output or "machines/pc-q35-9.2-acme.1.md" in output
    assert "4 could not be checked" in output


def test_settings_that_change_are_judged_through_the_guests_below(
    acme: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "machdesc.toml") == (0, "`live` is kept in 6 pairs\n")
    for name, text in TYPES.items():
        acme.write(f"other/{name}.md", block(text.replace("smm off", "smm on")))
    acme.write("machdesc.toml", 'machine-types = ["other"]\n')
    code, output = run(capsys, "machdesc.toml")
    assert code == 1
    assert "guests/web01.md\n" in output
    assert "guests/plain.md" not in output
    assert run(capsys, "--skip-foreign", "machdesc.toml")[0] == 1


def test_a_base_in_a_submodule_is_said_to_be_out_of_sight(
    repo: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Repository(tmp_path / "other")
    other.commit(base_md=block("memory 1GiB\n"))
    repo.git("submodule", "add", "-q", str(other.folder), "sub")
    repo.commit(g_md=block('include "sub/base.md"\nguest g\nmachine q35 @ 9.2\n'))
    assert main(["lint", "g.md"]) == 0
    code, output = run(capsys, "sub")
    assert code == 2
    assert "sub/base.md: warning: describes no guest, and no guest that was looked at includes it" in output
    code, output = run(capsys, "g.md")
    assert code == 2
    assert "submodule" in output
