"""What a text, a setting, a revision or a word of the command line may hold, and no internal error for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.check.repository import Repository, enter_repository

GUEST = "machdesc 1\nguest g\nmachine pc-q35-9.2-acme\n"
"""A machine type that QEMU lacks, so that the settings are looked at."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MACHDESC_QEMU", raising=False)
    monkeypatch.setenv("MACHDESC_TRACEBACK", "1")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    Path("g.txt").write_text(GUEST)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("machine-types = " + "[" * 5000 + "]" * 5000, "nested too deeply [bad-toml]"),
        ("machine-types = " + "{a=" * 5000 + "1" + "}" * 5000, "nested too deeply [bad-toml]"),
        ("catalog = " + "9" * 5000, "a number has too many digits [bad-toml]"),
        ("catalog = 1979-13-45", "[bad-toml]"),
        ("catalog = 1979-05-27", "`catalog` is no folder [bad-setting]"),
        ("machine-types = 1979-05-27T07:32:00Z", "no list of folders [bad-setting]"),
        ("machine-types = [['m']]", "no list of folders [bad-setting]"),
        ("machine-types = {m = 1}", "no list of folders [bad-setting]"),
        ("machine-types = nan", "no list of folders [bad-setting]"),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("name", ["machdesc.toml", "pyproject.toml"])
def test_settings_of_any_kind(
    name: str, text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "[tool.machdesc]\n" if name == "pyproject.toml" else ""
    Path(name).write_text(table + text + "\n")
    for command in (["lint"], ["compile"], ["show"], ["check", "g.txt"]):
        assert main([*command, "g.txt"]) in (1, 2)
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x" * 5000, "\\u0000", "", ".", "g.txt", "none", "../none"])
def test_a_catalog_of_any_name(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("machdesc.toml").write_text(f'catalog = "{name}"\nmachine-types = ["{name}"]\n')
    for words in (["lint", "g.txt"], ["lint", "g.txt", "--qemu", "10.0+acme"], ["explain", "frobnicator"]):
        assert main(words) in (1, 2)
        assert capsys.readouterr().err
    assert main(["latest", "--catalogs"]) == 0


def test_a_catalog_without_a_release_is_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "cat" / "x86_64" / "release").mkdir(parents=True)
    Path("machdesc.toml").write_text('catalog = "cat"\n')
    for command in ("lint", "compile", "show"):
        assert main([command, "g.txt"]) == 2
        assert "cannot read the catalog in cat: " in capsys.readouterr().err


def test_a_release_longer_than_a_file_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "none" / "machdesc" / "machines").mkdir(parents=True)
    assert main(["lint", "g.txt", "--qemu", "1" * 500 + ".0"]) == 2
    assert "no catalog of QEMU 111" in capsys.readouterr().err


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    found = enter_repository(tmp_path / "repository", monkeypatch)
    monkeypatch.setenv("MACHDESC_TRACEBACK", "1")
    found.commit(g_md="```machdesc\nmachdesc 1\nguest g\nmachine q35 @ 9.2\n```\n")
    return found


@pytest.mark.parametrize(
    "revision", ["^HEAD", "-x", "--output=x", "...", "HEAD^{tree}", "a\nb", "é", "@{-1}"]
)
def test_a_revision_that_is_none(
    revision: str, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["--against", revision, "g.md"], [f"{revision}:g.md", "g.md"]):
        assert main(["check", *words]) == 2
        assert capsys.readouterr().err.startswith(("machdesc: ", "usage: "))
    assert not Path("x").exists()


@pytest.mark.parametrize("path", ["../x", "../../x", "/g.md", "x" * 5000, ":g.md", "*", "a\nb"])
def test_a_path_that_is_in_no_revision(
    path: str, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", f"HEAD:{path}", "g.md"]) in (0, 2)
    assert main(["check", "--against", "HEAD", path]) in (0, 2)


def test_an_option_that_gets_two_dashes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["compile", "--hints=--"], ["lint", "--include-dir=--"], ["check", "-o--", "g.txt"]):
        assert main([*words, "g.txt"]) in (1, 2)
        assert capsys.readouterr().err


def test_fmt_leaves_an_unfinished_statement(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "machdesc 1\nguest g\nmachine\nboot { order c }\n"
    Path("g.txt").write_text(text)
    assert main(["fmt", "g.txt"]) == 1
    assert "[unfinished]" in capsys.readouterr().err
    assert Path("g.txt").read_text() == text


def test_what_git_diff_shows_of_no_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--textconv", "none.md"]) == 2
    assert main(["fmt", "--textconv", "."]) == 2
    assert (
        capsys.readouterr().err
        == "machdesc: none.md: No such file or directory\nmachdesc: .: Is a directory\n"
    )


def test_a_binary_of_blanks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["latest"], ["harvest", "-o", "new"], ["verify", "g.txt"], ["compile", "g.txt"]):
        assert main([*words, "--qemu", "  "]) in (1, 2)
        assert "internal error" not in capsys.readouterr().err
