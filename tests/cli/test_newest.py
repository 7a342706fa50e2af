"""latest: the newest machine type by its name, from a catalog; and how releases are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from machdesc.cli.main import main
from machdesc.target import release_of


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "pc   pc-i440fx-11.1\nq35  pc-q35-11.1\n"),
        (["q35"], "pc-q35-11.1\n"),
        (["pc", "--qemu", "10.0"], "pc-i440fx-10.0\n"),
        (["i440fx", "--qemu", "7.2.22"], "pc-i440fx-7.2\n"),
        (["pc-q35", "--qemu", "5.2"], "pc-q35-5.2\n"),
        (["microvm"], "microvm\n"),
    ],
)
def test_newest(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MACHDESC_QEMU", raising=False)
    assert main(["latest", *words]) == 0
    assert capsys.readouterr().out == expected


def test_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latest", "q36"]) == 2
    assert "did you mean `q35`?" in capsys.readouterr().err


def test_the_catalogs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "machdesc.toml").write_text('catalog = "own"\n')
    (tmp_path / "guests").mkdir()
    for name, folder in (("9.2+a", tmp_path / "own"), ("9.2+b", tmp_path / "data/machdesc/machines")):
        (folder / "x86_64" / "release").mkdir(parents=True)
        text = f'{{"release": "{name}", "build": "9.2.1", "package": ""}}'
        (folder / "x86_64" / "release" / f"{name}.json").write_text(text)
    monkeypatch.chdir(tmp_path / "guests")
    assert main(["latest", "--catalogs"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == ["QEMU", "5.2", "7.2", "10.0", "11.1", "9.2+a", "9.2+b"]


@pytest.mark.parametrize(
    ("words", "release"),
    [
        ("10.0", "10.0"), ("10.0.13", "10.0"), ("10.0+acme", "10.0+acme"), ("10.0.1+acme-2", "10.0+acme-2"),
        ("10", ""), ("10.0+", ""), ("10.0+a/b", ""), ("./qemu", ""),
    ],
)  # fmt: skip
def test_names_of_releases(words: str, release: str) -> None:
    assert release_of(words) == release
