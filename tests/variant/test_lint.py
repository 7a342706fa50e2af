"""Machine types of the user's own that are wrong: told at their place, alone and through a guest."""

from __future__ import annotations

from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.variant.folder import literate, write_folder

TYPE = "machine-type pc-q35-9.2-x follows pc-q35-9.2\n"


def lint(capsys: pytest.CaptureFixture[str], *paths: Path) -> tuple[int, str]:
    return main(["lint", *map(str, paths)]), capsys.readouterr().err


def test_a_guest_and_its_machine_types_are_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guest = write_folder(tmp_path)
    assert lint(capsys, guest, tmp_path / "machines") == (0, "")


@pytest.mark.parametrize(
    ("text", "place", "code", "words"),
    [
        (TYPE + "device virtio-nett-pci { x 1 }\n", "6:8", "unknown-device-type", "virtio-net-pci"),
        (TYPE + "device virtio-net-pci { host_usso off }\n", "6:25", "unknown-property", "host_uso"),
        (TYPE + "device pci-device { x-pcie-ext-tagg off }\n", "6:21", "unknown-property", "x-pcie-ext-tag"),
        (TYPE + "device virtio-net-pci { host_uso 7 }\n", "6:34", "wrong-type", "on, off"),
        (TYPE + "device ahci { x 1 }\n", "6:8", "device-alias", "ich9-ahci"),
        (TYPE + "device memory-backend-ram { x 1 }\n", "6:8", "unknown-device-type", "no type of devices"),
        (TYPE + "device e1000 net0 { x 1 }\n", "6:14", "not-in-machine-type", "an id"),
        (TYPE + "memory 1GiB\n", "6:1", "not-in-machine-type", "memory"),
        ("machine-type pc-q35-9.2-x follows pc-q35-9.2 { smmm off }\n", "5:48", "unknown-property", "smm"),
        ("machine-type pc-q35-9.2-x follows pc-q35-9.22\n", "5:35", "unknown-base", "pc-q35-9.2"),
        ("machine-type pc-q35-9.2-x\n", "5:14", "no-base", "follows pc-q35-9.2"),
        ("machine-type x follows pc-q35-9.2\n", "5:14", "machine-type-family", "pc-q35-9.2-x"),
        ("machine-type pc-q35-9.2 follows pc-q35-9.1\n", "5:14", "machine-type-taken", "pc-q35-9.2-acme"),
    ],
)
def test_mistakes(
    text: str, place: str, code: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pc-q35-9.2-x.md"
    path.write_text(literate(text))
    status, told = lint(capsys, path)
    assert status == 1
    assert f"{path}:{place}: error" in told
    assert f"[{code}]" in told
    assert words in told


def test_a_guest_is_told_of_its_machine_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guest = write_folder(tmp_path)
    wrong = tmp_path / "machines" / "pc-q35-9.2-acme.1.md"
    wrong.write_text(wrong.read_text().replace("host_uso", "host_usso"))
    status, told = lint(capsys, guest)
    assert status == 1
    assert "pc-q35-9.2-acme.1.md:6:25: error" in told
    assert told.count("unknown-property") == 1


def test_a_circle_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guest = write_folder(tmp_path)
    first = tmp_path / "machines" / "pc-q35-9.2-acme.md"
    first.write_text(literate("machine-type pc-q35-9.2-acme follows pc-q35-9.2-acme.1\n"))
    status, told = lint(capsys, guest)
    assert status == 1
    assert "follows itself: pc-q35-9.2-acme → pc-q35-9.2-acme.1 → pc-q35-9.2-acme " in told


def test_a_file_has_the_name_of_its_machine_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guest = write_folder(tmp_path)
    (tmp_path / "machines" / "pc-q35-9.2-acme.md").write_text(literate(TYPE))
    assert "the file of `pc-q35-9.2-acme` describes `pc-q35-9.2-x`" in lint(capsys, guest)[1]


def test_without_settings_it_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = write_folder(tmp_path)
    (tmp_path / "machdesc.toml").unlink()
    status, told = lint(capsys, guest)
    assert status == 1
    assert "unknown-machine-version" in told
    assert "machdesc.toml" in told
    assert main(["lint", "--machine-types", str(tmp_path / "machines"), str(guest)]) == 0
    monkeypatch.setenv("MACHDESC_MACHINE_TYPES", f"/nowhere:{tmp_path / 'machines'}")
    assert main(["lint", str(guest)]) == 0


def test_settings_that_are_wrong_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guest = write_folder(tmp_path)
    (tmp_path / "machdesc.toml").write_text("machine-types = [\n")
    assert "machdesc.toml:2:1: error" in lint(capsys, guest)[1]


def test_what_harvest_wrote_is_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    machines = Path(__file__).parents[2] / "machines" / "x86_64"
    assert lint(capsys, *sorted(machines.glob("*.md"))) == (0, "")
