"""A pinned guest is the guest that it was: `check` finds nothing that differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from machdesc.cli.main import main
from machdesc.diagnostic import render
from machdesc.model.load import load
from machdesc.pinning.pin import pin
from tests.pin.test_pin import EXAMPLES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_check_finds_nothing(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    description, _ = load(str(path))
    assert description is not None
    source, diagnostics = pin(description)
    assert source is not None, [render(d) for d in diagnostics]
    assert source.text != path.read_text()
    new = tmp_path / path.name
    new.write_text(source.text)
    assert main(["check", str(path), str(new)]) == 0, capsys.readouterr().out


def test_another_block_or_size_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.mdesc", tmp_path / "new.mdesc"
    text = "machdesc 1\nguest g\nmachine q35 @ 10.0\nmemory "
    old.write_text(text + "1G\n")
    for id, size, code in (("pc.ram", "1G", 0), ("ram", "1G", 1), ("pc.ram", "2G", 1)):
        new.write_text(f"{text}{size} {{ backend {id} }}\nobject memory-backend-ram {id} {{ size {size} }}\n")
        assert main(["check", str(old), str(new)]) == code, capsys.readouterr().out
        assert main(["check", str(new), str(old)]) == code
