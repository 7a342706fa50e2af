"""explain: machine types of the user's own, alone, against others, and as versions of a device."""

from __future__ import annotations

from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.variant.folder import write_folder


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pc-q35-9.2-acme.1"], "follows  pc-q35-9.2-acme, which follows pc-q35-9.2\n"),
        (["pc-q35-9.2..pc-q35-9.2-acme"], "ICH9-LPC           noreboot        on   machines/"),
        (["pc-q35-9.2-acme..pc-q35-9.2-acme.1"], "virtio-net-pci  host_uso  on  machines/"),
        (["pc-q35-9.2-acme.1..pc-q35-9.2-acme"], "What holds no longer: pc-q35-9.2-acme.1"),
        (["virtio-net-pci", "9.2..9.2-acme"], "host_uso        on   off              virtio-net-device, "),
        (["pc-q35-9.1..pc-q35-9.2-acme"], "pc-q35-9.1 sets otherwise than pc-q35-9.2"),
    ],
)  # fmt: skip
def test_what_is_told(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *words]) == 0
    assert told in capsys.readouterr().out


def test_only_what_the_newer_one_adds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "pc-q35-9.2-acme..pc-q35-9.2-acme.1"]) == 0
    assert "noreboot" not in capsys.readouterr().out


def test_one_that_is_wrong_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("machines/pc-q35-9.2-acme.md")
    path.write_text(path.read_text().replace("host_uso", "host_usso"))
    assert main(["explain", "pc-q35-9.2-acme"]) == 1
    assert "machines/pc-q35-9.2-acme.md:6:28: error" in capsys.readouterr().err
