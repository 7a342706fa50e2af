"""Options of the commands that speak with a QEMU, as a user may get them wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from machdesc.catalog.location import machines_path
from machdesc.cli.main import main
from machdesc.hints.hint import VERSION
from machdesc.target import UnknownTarget, find_build


@pytest.mark.parametrize("seconds", ["inf", "-inf", "nan", "1e10", "0", "-1", "soon"])
@pytest.mark.parametrize(
    "command", [["verify", "a.md"], ["hints", "dump", "-o", "a.hints"], ["import", "qmp"]]
)
def test_a_time_to_wait_that_is_none(
    command: list[str], seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--qmp", "no-such-socket", f"--timeout={seconds}"]) == 2
    assert f"`{seconds}` is no number of seconds above 0 and up to 86400" in capsys.readouterr().err


@pytest.mark.parametrize("binary", ["  ", "'"])
def test_a_binary_without_a_name(binary: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "a.md", "--qemu", binary]) == 2
    assert capsys.readouterr().err.startswith("machdesc: ")


@pytest.mark.parametrize(
    "data", [b"machdesc-hints " + b"9" * 5000 + b" x\n", f"machdesc-hints {VERSION} sha256=\n".encode()]
)
def test_a_strange_file_of_hints(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.hints").write_bytes(data)
    assert main(["hints", "show", str(tmp_path / "a.hints")]) == 2
    assert "is damaged" in capsys.readouterr().err


def _harvested(folder: Path, release: str, package: str) -> None:
    """A catalog of 10.0 by a name of its own, with what a packager added."""
    shipped = machines_path() / "x86_64"
    shutil.copytree(shipped / "release", folder / "x86_64" / "release")
    for path in (folder / "x86_64" / "release").glob("*.json"):
        facts = json.loads(path.read_text("utf-8"))
        path.unlink()
        if path.stem == "10.0":
            facts |= {"release": release, "package": package}
            path.with_name(f"{release}.json").write_text(json.dumps(facts), encoding="utf-8")


def test_a_build_is_found_by_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "machdesc" / "machines"
    _harvested(folder, "10.0+acme", "acme 1")
    assert find_build("10.0", "acme 1")[1] == "10.0+acme"
    assert find_build("10.0", "acme 1", directory=str(folder))[1] == "10.0+acme"
    assert find_build("10.0", "Debian 1")[1] == "10.0"
    with pytest.raises(UnknownTarget, match=r"no catalog of QEMU 9\.3"):
        find_build("9.3", "acme 1")
    with pytest.raises(UnknownTarget, match=r"^no catalog of architecture 'vax' is shipped"):
        find_build("10.0", "", "vax")
