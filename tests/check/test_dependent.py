"""Files that others include are judged through these, by `check` and by `lint`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.check.repository import Repository, enter_repository

MACHINE = "machine q35 @ 9.2\nmemory 1GiB\n"
NIC = "device virtio-net-pci net0 at pcie.0/03.0 { netdev lan }\n"


def block(text: str) -> str:
    return f"```machdesc\nmachdesc 1\n{text}```\n"


def on_base(name: str, text: str) -> str:
    return block(f'include "../base/base.md"\nguest {name}\n{text}')


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    return enter_repository(tmp_path / "repo", monkeypatch)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit code of a command and what it prints."""
    capsys.readouterr()
    code = main([*words])
    out, err = capsys.readouterr()
    return code, out + err


def test_a_base_with_a_machine_is_compared_through_its_guests(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(
        base__base_md=block(MACHINE + "host { netdev user lan }\n"),
        guests__a_md=on_base("a", NIC),
        guests__b_md=on_base("b", NIC),
    )
    repo.write("base/base.md", block(MACHINE + "host { netdev tap lan { vhost on } }\n"))
    for named in ("base/base.md", "."):
        code, output = run(capsys, "check", "--skip-foreign", "--against", "auto", named)
        assert code == 1
        assert output.count("MD051") == 2
        assert "in 2 pairs" in output


@pytest.mark.parametrize("named", [".", "./", "./base/base.md", "./guests//"])
def test_what_changed_in_a_base_is_told_once_and_by_its_path(
    named: str, repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(
        base__base_md=block(MACHINE + NIC + "host { netdev user lan }\n"),
        guests__a_md=on_base("a", ""),
        guests__b_md=on_base("b", ""),
    )
    repo.write("base/base.md", block(MACHINE + NIC.replace("03.0", "04.0") + "host { netdev user lan }\n"))
    _, output = run(capsys, "check", "--against", "HEAD", "--format", "github", named)
    assert [line.partition(",")[0] for line in output.splitlines()[:-1]] == ["::error file=base/base.md"]
    _, output = run(capsys, "check", "--against", "HEAD", "--format", "sarif", named)
    (result,) = json.loads(output)["runs"][0]["results"]
    places = [*result["locations"], *result["relatedLocations"]]
    uris = {place["physicalLocation"]["artifactLocation"]["uri"] for place in places}
    assert uris == {"base/base.md"}


def test_a_base_that_its_guests_complete_is_fine(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(
        base__base_md=block(MACHINE + NIC),
        guests__a_md=on_base("a", "host { netdev user lan }\n"),
    )
    assert run(capsys, "check", "--skip-foreign", "--against", "auto", "base/base.md") == (
        0,
        "`live` is kept in 1 pair\n",
    )
    assert run(capsys, "check", ".", ".")[0] == 0
    assert run(capsys, "check", "HEAD:", ".")[0] == 0
    for named in ("base/base.md", "base", "."):
        assert run(capsys, "lint", named) == (0, "")


def test_lint_tells_what_a_base_does_to_its_guests(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(
        base__base_md=block("host { netdev user lan }\n"),
        guests__a_md=on_base("a", MACHINE + NIC),
    )
    assert run(capsys, "lint", "base/base.md") == (0, "")
    repo.write("base/base.md", block("host { netdev user wan }\n"))
    code, output = run(capsys, "lint", "base/base.md")
    assert code == 1
    assert "no netdev `lan` is described" in output


def test_what_nobody_includes_is_judged_by_itself(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(a_md=block(MACHINE + NIC))
    assert run(capsys, "lint", "a.md")[0] == 1
    assert run(capsys, "check", "--against", "auto", "a.md")[0] == 2


def test_lint_needs_no_git(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.md").write_text(block(MACHINE + NIC), encoding="utf-8")
    Path("a.md").write_text(block('include "base.md"\nguest a\nhost { netdev user lan }\n'), encoding="utf-8")
    assert run(capsys, "lint", ".") == (0, "")
    assert run(capsys, "lint", "base.md")[0] == 1
