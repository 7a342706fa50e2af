"""`features`: what it tells of a guest, and that it tells it as `check` does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.golden import Golden

GOLDEN = Path(__file__).parent / "golden"

GUEST = """machdesc 1
guest web01
machine q35 @ 9.2
cpu Skylake-Server @ v5 { cpus 4 }
memory 1GiB
device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 }
device pcie-root-port rp2 at pcie.0/03.0 { chassis 2 }
device virtio-net-pci @ 7.2 net0 at rp1/00.0 { mac "52:54:00:5e:00:01"  netdev lan }
device virtio-net-pci @ 7.2 net1 at rp2/00.0 { mac "52:54:00:5e:00:02"  netdev wan }
device virtio-blk-pci disk at pcie.0/04.0 { drive d }
device scsi-hd @ 9.0 big at scsi.0/0:0:1 { drive e }
device virtio-scsi-pci scsi at pcie.0/05.0
host { netdev user lan  netdev user wan  blockdev null-co d  blockdev null-co e }
"""

SHOWN = {
    "features": ["g.md", "--to", "11.1"],
    "features-all": ["g.md", "--to", "11.1", "--all"],
    "features-10.0": ["g.md", "--to", "10.0"],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a description, in which the command runs."""
    (tmp_path / "g.md").write_text(GUEST)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_listed(name: str, capsys: pytest.CaptureFixture[str], golden: Golden) -> None:
    assert main(["features", *SHOWN[name]]) == 0
    golden.check(GOLDEN / f"{name}.txt", capsys.readouterr().out)


def _features(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, object]]:
    assert main(["features", "g.md", *words, "--format", "json"]) == 0
    return {part["part"]: part for part in json.loads(capsys.readouterr().out)["parts"]}


def test_it_tells_what_check_tells(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    parts = _features(capsys, "--to", "11.1")
    raised = GUEST.replace("9.2", "11.1").replace("7.2", "11.1").replace("9.0", "11.1")
    (tmp_path / "new.md").write_text(raised.replace("@ v5", "@ v6"))
    assert main(["check", "g.md", "new.md", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)["pairs"][0]["findings"]
    assert told
    found = [finding for part in parts.values() for finding in part["findings"]]  # type: ignore[attr-defined]
    assert sorted((f["code"], f["message"], *f["breaks"]) for f in found) == sorted(
        (f["code"], f["message"], *f["breaks"]) for f in told
    )


def test_new_properties_are_those_that_the_old_version_is_sure_to_lack(
    capsys: pytest.CaptureFixture[str],
) -> None:
    net = [offer["name"] for offer in _features(capsys, "--to", "11.1")["net0"]["offers"]]  # type: ignore[attr-defined]
    assert "hash-ipv4" in net
    assert "in_order" in net
    # A finding tells of it, so it is not told again.
    assert "host_uso" not in net
    net = [offer["name"] for offer in _features(capsys, "--to", "10.0")["net0"]["offers"]]  # type: ignore[attr-defined]
    assert "in_order" in net
    assert "hash-ipv4" not in net, "QEMU 10.0 does not have it"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["g.md", "--to", "9.1"], "older than the machine's, 9.2"),
        (["g.md", "--to", "9.9"], "no known QEMU has machine type `pc-q35-9.9`"),
        (["g.md", "--to", "11.1", "--qemu", "10.0"], "QEMU 10.0 does not have machine type `pc-q35-11.1`"),
        (["micro.md", "--to", "11.1"], "`microvm` has no versions"),
        (["float.md", "--to", "11.1"], "has no version"),
        (["type.md", "--to", "11.1"], "describes a machine type"),
    ],
)
def test_what_cannot_be_listed(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "micro.md").write_text("machdesc 1\nguest m\nmachine microvm\n")
    (tmp_path / "float.md").write_text("machdesc 1\nguest m\nmachine q35\n")
    (tmp_path / "type.md").write_text("machdesc 1\nmachine-type x follows pc-q35-9.2\n")
    assert main(["features", *words]) == 1
    found = capsys.readouterr()
    assert not found.out
    assert said in found.err
