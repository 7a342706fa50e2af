"""Machines without a version: `compile` refuses them, unless the guest is one to throw away."""

from __future__ import annotations

from pathlib import Path

import pytest

from machdesc.cli.main import main

GUEST = "# It\n\n```machdesc\nmachdesc 1\nguest thrown\nmachine q35\nmemory 1GiB\n```\n"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("MACHDESC_QEMU", raising=False)
    path = tmp_path / "thrown.md"
    path.write_text(GUEST)
    return str(path)


def test_it_is_refused_and_told_how_to_pin(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", path, "--qemu", "10.0"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert "machdesc pin" in err
    assert "`machine q35 @ 10.0`" in err


@pytest.mark.parametrize("form", ["args", "config", "argv", "json"])
def test_it_is_allowed_and_told(form: str, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "--latest", "--qemu", "10.0", "--format", form, path]) == 0
    out, err = capsys.readouterr()
    assert "warning: machine `q35` has no version" in err
    note = "# for guests that are thrown away: `machine q35` was taken as pc-q35-10.0, the newest\n"
    assert out.count(note) == (form in ("args", "config"))
    assert "pc-q35-10.0" in out


def test_files_hold_the_note(path: str, tmp_path: Path) -> None:
    assert main(["compile", "--latest", "--format", "config", "-o", str(tmp_path / "out"), path]) == 0
    for name in ("thrown.cfg", "thrown.args"):
        assert (tmp_path / "out" / name).read_text().startswith("# for guests that are thrown away: ")


def test_a_version_needs_no_note(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(path).write_text(GUEST.replace("machine q35", "machine q35 @ 9.2"))
    assert main(["compile", "--latest", path]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("qemu-system-x86_64")
    assert not err
