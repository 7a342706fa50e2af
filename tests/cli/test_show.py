"""`show` and `explain`: what they print, and what they say of what they do not know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.golden import Golden

GOLDEN = Path(__file__).parent / "golden"

GUEST = """machdesc 1
guest web01
machine q35 @ 9.2 { smm on }
cpu Skylake-Server { cpus 4  pcid on }
memory 1GiB
global virtio-rng-device { use-started off }
device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 }
device virtio-net-pci @ 7.2 net0 at rp1/00.0 { mac "52:54:00:5e:00:01"  netdev lan }
device virtio-blk-pci disk at pcie.0/03.0 { drive d }
device usb-ehci usb at pcie.0/04.0
device usb-storage @ 8.2 stick at usb.0/1 { drive e }
device virtio-rng-pci rng at pcie.0/05.0
host { netdev tap lan { queues 2 }  blockdev null-co d  blockdev null-co e }
"""

SHOWN = {
    "show": ["show", "g.md", "--qemu", "11.1"],
    "show-origin": ["show", "g.md", "--qemu", "11.1", "--origin"],
    "show-device": ["show", "g.md", "--qemu", "11.1", "--device", "net0", "--origin"],
    "show-5.2": ["show", "old.md", "--qemu", "5.2", "--origin"],
}

EXPLAINED = {
    "explain-type": ["virtio-rng-pci"],
    "explain-object": ["secret"],
    "explain-alias": ["ahci"],
    "explain-change": ["virtio-blk-pci", "4.2..11.1"],
    "explain-part": ["usb-storage", "8.2..11.1"],
    "explain-nothing": ["e1000", "5.2..6.0"],
    "explain-machine": ["pc-q35-7.2"],
    "explain-machine-change": ["pc-q35-8.0..pc-q35-9.0"],
    "explain-older": ["pc-i440fx-5.2..pc-i440fx-4.2"],
    "explain-cpu": ["EPYC"],
    "explain-rule": ["md040"],
    "explain-rule-name": ["machine-type"],
    "explain-rules": ["rules"],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with descriptions, in which the command runs."""
    (tmp_path / "g.md").write_text(GUEST)
    (tmp_path / "old.md").write_text("machdesc 1\nguest old\nmachine pc @ 5.2\ncpu qemu64 { cpus 2 }\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown(name: str, capsys: pytest.CaptureFixture[str], golden: Golden) -> None:
    assert main(SHOWN[name]) == 0
    golden.check(GOLDEN / f"{name}.txt", capsys.readouterr().out)


@pytest.mark.parametrize("name", EXPLAINED)
def test_what_is_explained(name: str, capsys: pytest.CaptureFixture[str], golden: Golden) -> None:
    assert main(["explain", *EXPLAINED[name]]) == 0
    golden.check(GOLDEN / f"{name}.txt", capsys.readouterr().out)


def test_json_has_all_and_the_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "g.md", "--qemu", "11.1", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [part["part"] for part in document["parts"]] == ["machine", "cpu", *["device"] * 6]
    net = next(part for part in document["parts"] if part.get("id") == "net0")
    assert net["version"] == "7.2"
    assert net["properties"]["vectors"]["value"] == 6
    assert net["properties"]["mac"]["place"] == {"file": "g.md", "line": 8, "column": 48}
    assert net["properties"]["host_uso"]["origin"] == "compat"


def test_a_machine_and_a_cpu_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "g.md", "--device", "cpu"]) == 0
    assert "device" not in capsys.readouterr().out
    assert main(["show", "g.md", "--device", "net"]) == 2
    assert "did you mean `net0`?" in capsys.readouterr().err


def test_a_broken_description_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "g.md").write_text(GUEST + "device frob\n")
    assert main(["show", "g.md"]) == 1
    found = capsys.readouterr()
    assert not found.out
    assert "frob" in found.err
    (tmp_path / "m.md").write_text("machdesc 1\nmachine-type x follows pc-q35-9.2\n")
    assert main(["show", "m.md"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["virtio-net-pcy"], "did you mean `virtio-net-pci`?"),
        (["virtio-net-pci", "7.2"], "no pair of ABI versions"),
        (["virtio-net-pci", "7.2..7.3"], "no known QEMU has pc-q35-7.3"),
        (["frob", "7.2..8.0"], "no known QEMU has a device type `frob`"),
        (["pc-q35-7.2..pc-i440fx-8.0"], "not two machine types of one family"),
        (["pc-q35-7.2..pc-q35-8.00"], "did you mean `pc-q35-8.0`?"),
        (["a", "b", "c"], "one subject"),
        ([], "known are types of devices and objects, machine types and CPU models, by name, and the rules"),
        (["frob"], "nothing is known of `frob`; known are types of devices"),
        (["MD039"], "no rule of check has the code `MD039`; did you mean `MD040`? `machdesc explain rules`"),
        (["MD" + "9" * 99], "did you mean `MD902`?"),
    ],
)
def test_what_cannot_be_explained(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *words]) == 2
    assert said in capsys.readouterr().err
