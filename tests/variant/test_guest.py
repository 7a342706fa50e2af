"""Guests under machine types of the user's own: what is compiled, and where values come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import machdesc
from machdesc.abi.effective import effective
from machdesc.cli.main import main
from tests.variant.folder import literate, write_folder


def compiled(path: Path, release: str = "11.1") -> list[str]:
    description, found = machdesc.load(str(path))
    assert description is not None
    result, more = machdesc.compile(description, release)
    assert result is not None, [machdesc.render(diagnostic) for diagnostic in [*found, *more]]
    return result.arguments()


def test_it_is_its_base_and_what_differs(tmp_path: Path) -> None:
    words = compiled(write_folder(tmp_path))
    assert "pc-q35-9.2,smm=off" in words
    assert [word for word in words if word.startswith("driver=")] == [
        "driver=pci-device,property=x-pcie-ext-tag,value=off",
        "driver=ICH9-LPC,property=noreboot,value=on",
    ]
    devices = {
        word.split("id=")[1].split(",")[0]: word for word in words if ",id=" in word and "bus=" in word
    }
    assert "x-pcie-ext-tag=on" in devices["net0"]
    assert "host_uso" not in devices["net0"]
    assert "x-pcie-ext-tag=off,host_uso=off" in devices["net1"]
    assert "x-pcie-ext-tag=off" in devices["net2"]
    assert "host_uso" not in devices["net2"]
    assert "x-pcie-ext-tag=off" in devices["rng0"]


def test_what_the_guest_writes_itself_is_kept(tmp_path: Path) -> None:
    guest = write_folder(tmp_path)
    text = guest.read_text().replace("@ 9.2-acme\nmemory", "@ 9.2-acme { smm on }\nmemory")
    guest.write_text(text.replace("{ netdev lan1 }", "{ netdev lan1  host_uso on }"))
    words = compiled(guest)
    assert "pc-q35-9.2,smm=on" in words
    assert any("id=net1" in word and "host_uso=on" in word for word in words)


def test_values_come_from_the_machine_type(tmp_path: Path) -> None:
    description, _ = machdesc.load(str(write_folder(tmp_path)))
    assert description is not None
    guest, _ = machdesc.resolve_description(description, "11.1")
    found = {id: effective(guest, device, "host_uso") for id in ("net0", "net1", "net2")
             if (device := guest.device(id)) is not None}  # fmt: skip
    assert [value.value for value in found.values()] == [True, False, True]
    assert found["net1"].detail == "compat property of pc-q35-9.2-acme for virtio-net-device"
    span = found["net1"].span
    assert span is not None
    assert span[2].name.endswith("machines/pc-q35-9.2-acme.md")
    assert span[2].location(span[0]) == (6, 28)
    assert found["net2"].detail == "compat property of pc-q35-9.2-acme.1 for virtio-net-pci"


def test_what_the_release_lacks_is_told(tmp_path: Path) -> None:
    guest = tmp_path / "g.md"
    guest.write_text(
        literate("guest g\nmachine q35 @ 7.2-x\nmemory 1GiB\ndevice virtio-net-pci at pcie.0/02.0\n")
    )
    text = "machine-type pc-q35-7.2-x follows pc-q35-7.2\ndevice virtio-net-pci { host_tunnel off }\n"
    (tmp_path / "pc-q35-7.2-x.md").write_text(
        literate(text + "device virtio-blk-pci { seg-max-adjust off }\n")
    )
    (tmp_path / "machdesc.toml").write_text('machine-types = ["."]\n')
    assert compiled(guest)
    description, _ = machdesc.load(str(guest))
    assert description is not None
    result, diagnostics = machdesc.compile(description, "7.2")
    assert result is None
    assert [d.code for d in diagnostics] == ["property-not-in-release"]
    assert diagnostics[0].place()[0].endswith("pc-q35-7.2-x.md")


def test_two_values_of_one_global_are_refused(tmp_path: Path) -> None:
    guest = tmp_path / "g.md"
    disks = (
        "device usb-storage @ 9.2 a at xhci.0/1 { drive a }\ndevice usb-storage b at xhci.0/2 { drive b }\n"
    )
    nodes = "host { blockdev null-co a blockdev null-co b }\n"
    start = "guest g\nmachine q35 @ 9.2-x\nmemory 1GiB\ndevice qemu-xhci xhci at pcie.0/02.0\n"
    guest.write_text(literate(start + disks + nodes))
    text = "machine-type pc-q35-9.2-x follows pc-q35-9.2\ndevice scsi-hd { rotation_rate 1 }\n"
    (tmp_path / "pc-q35-9.2-x.md").write_text(literate(text))
    (tmp_path / "machdesc.toml").write_text('machine-types = ["."]\n')
    description, _ = machdesc.load(str(guest))
    assert description is not None
    result, diagnostics = machdesc.compile(description, "11.1")
    assert result is None
    assert [d.code for d in diagnostics] == ["global-conflict"]


def test_show_and_the_document_name_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guest = write_folder(tmp_path)
    assert main(["show", str(guest), "--origin", "--qemu", "11.1"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("web01: QEMU 11.1, pc-q35-9.2-acme (pc-q35-9.2)\n")
    assert "property of pc-q35-9.2-acme, " in told
    assert "machines/pc-q35-9.2-acme.md:5" in told
    assert main(["compile", str(guest), "--format", "json"]) == 0
    machine = json.loads(capsys.readouterr().out)["machine"]
    assert (machine["type"], machine["abi"]) == ("pc-q35-9.2", "pc-q35-9.2-acme")


def test_without_settings_their_reader_is_not_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = write_folder(tmp_path)
    guest.write_text(guest.read_text().replace("@ 9.2-acme.1", "").replace("-acme", ""))
    (tmp_path / "machdesc.toml").unlink()
    monkeypatch.setattr("machdesc.model.setting.find_settings", None)
    assert compiled(guest)
