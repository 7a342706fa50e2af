"""`upgrade` and `rebase`: what they write, what they tell, and that nothing is written by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

import machdesc
from machdesc.cli import transition as writing
from machdesc.cli.main import main
from tests.golden import Golden

GOLDEN = Path(__file__).parent / "golden"

GUEST = """# A guest

```machdesc
machdesc 1

guest old01

machine q35 @ 4.2 {
  # no SMM here
  smm off
}

cpu Skylake-Server @ v1 { cpus 4 }  # four of them

memory 1GiB

device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 }
device virtio-net-pci @ 5.0 net0 at rp1/00.0 { netdev lan }
device virtio-blk-pci disk0 at pcie.0/03.0 { drive d }
device e1000 at pcie.0/04.0

host {
  accel kvm
  netdev user lan
  blockdev null-co d
}
```

The end.
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a description, in which the command runs."""
    (tmp_path / "g.md").write_text(GUEST)
    monkeypatch.chdir(tmp_path)


DONE = {
    "upgrade": ["upgrade", "g.md", "--to", "10.0"],
    "upgrade-machine": ["upgrade", "g.md", "--to", "10.0", "--only", "machine"],
    "upgrade-some": ["upgrade", "g.md", "--to", "10.0", "--only", "net0", "--only", "cpu"],
    "rebase": ["rebase", "g.md", "--to", "11.1"],
    "rebase-10.0": ["rebase", "g.md", "--to", "10.0"],
}


@pytest.mark.parametrize("name", DONE)
def test_what_is_shown_is_what_is_written(
    name: str, capsys: pytest.CaptureFixture[str], golden: Golden, tmp_path: Path
) -> None:
    assert main([*DONE[name], "--diff"]) == 0
    shown = capsys.readouterr().out
    golden.check(GOLDEN / f"{name}.txt", shown)
    assert (tmp_path / "g.md").read_text() == GUEST
    assert main(DONE[name]) == 0
    assert capsys.readouterr().out == shown
    text = (tmp_path / "g.md").read_text()
    assert text != GUEST
    diff = [line for line in shown.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert diff
    assert all(line[1:] in GUEST and line[1:] not in text.splitlines() for line in diff)
    # What was told of the change is what `check` finds between the two files.
    (tmp_path / "was.md").write_text(GUEST)
    main(["check", "was.md", "g.md", "--format", "json"])
    found = capsys.readouterr().out.count('"code": "MD')
    assert f"{found} difference" in shown


def test_the_result_compiles_and_upgrading_twice_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rebase", "g.md", "--to", "11.1"]) == 0
    assert main(["compile", "g.md", "--qemu", "11.1"]) == 0
    assert main(["rebase", "g.md", "--to", "11.1"]) == 1
    assert "has version 11.1 already" in capsys.readouterr().err
    (tmp_path / "g.md").write_text(GUEST)
    assert main(["upgrade", "g.md", "--to", "10.0"]) == 0
    once = (tmp_path / "g.md").read_text()
    assert main(["upgrade", "g.md", "--to", "10.0"]) == 0
    assert (tmp_path / "g.md").read_text() == once
    assert capsys.readouterr().out.endswith("The guest notices nothing.\n")


def test_a_device_that_follows_keeps_its_version(tmp_path: Path) -> None:
    assert main(["upgrade", "g.md", "--to", "9.2", "--only", "machine"]) == 0
    description, _ = machdesc.load("g.md")
    assert description is not None
    versions = [device.version.text for device in description.all("device") if device.version]
    assert versions == ["4.2", "5.0", "4.2", "4.2"]


def test_a_device_may_stay_behind_its_machine(tmp_path: Path) -> None:
    assert main(["upgrade", "g.md", "--to", "9.2", "--only", "machine"]) == 0
    assert main(["upgrade", "g.md", "--to", "7.2", "--only", "net0", "--only", "rp1"]) == 0
    description, _ = machdesc.load("g.md")
    assert description is not None
    versions = [device.version.text for device in description.all("device") if device.version]
    assert versions == ["7.2", "7.2", "4.2", "4.2"]


def test_the_machine_under_its_full_name(tmp_path: Path) -> None:
    text = GUEST.replace("q35 @ 4.2", "pc-q35-4.2")
    text = text.replace("Skylake-Server @ v1", "Skylake-Server-v1")
    (tmp_path / "g.md").write_text(text)
    assert main(["upgrade", "g.md", "--to", "10.0"]) == 0
    text = (tmp_path / "g.md").read_text()
    assert "machine pc-q35-10.0 {" in text
    assert "cpu Skylake-Server-v5 {" in text


def test_a_base_is_left_alone(tmp_path: Path) -> None:
    base = "machdesc 1\nmachine q35 @ 9.2\ndevice virtio-rng-pci @ 8.0 rng at pcie.0/02.0 { rng r }\n"
    (tmp_path / "base.md").write_text(base)
    (tmp_path / "g.md").write_text('machdesc 1\ninclude "base.md"\nguest g\nhost { object rng-builtin r }\n')
    assert main(["upgrade", "g.md", "--to", "10.0"]) == 0
    assert (tmp_path / "base.md").read_text() == base
    assert (tmp_path / "g.md").read_text() == (
        'machdesc 1\ninclude "base.md"\nguest g\n\nmachine q35 @ 10.0\n'
        "device virtio-rng-pci @ 10.0 rng\nhost { object rng-builtin r }\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["upgrade", "g.md", "--to", "4.1"], "version 4.1 is older than the machine's, 4.2"),
        (["upgrade", "g.md", "--to", "12.3"], "no known QEMU has machine type `pc-q35-12.3`"),
        (["upgrade", "g.md", "--to", "10.0", "--only", "nett0"], "did you mean `net0`?"),
        (["rebase", "g.md", "--to", "4.1"], "version 4.1 is older than the machine's, 4.2"),
        (["rebase", "g.md", "--to", "11.1", "--qemu", "10.0"], "does not have machine type `pc-q35-11.1`"),
        (["rebase", "old.md", "--to", "11.1"], "no known QEMU tells what devices do under `pc-i440fx-2.3`"),
        (["rebase", "broken.md", "--to", "11.1"], "has a device type `frob`"),
        (["rebase", "new.md", "--to", "11.1"], "no property `x-disable-pcie` in QEMU 11.1"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old.md").write_text("machdesc 1\nguest m\nmachine pc @ 2.0\n")
    (tmp_path / "broken.md").write_text("machdesc 1\nguest m\nmachine q35 @ 4.2\ndevice frob\n")
    gone = GUEST.replace("drive d }", "drive d  x-disable-pcie on }")
    (tmp_path / "new.md").write_text(gone)
    before = (tmp_path / words[1]).read_text()
    assert main(words) == 1
    found = capsys.readouterr()
    assert not found.out
    assert said in found.err
    assert (tmp_path / words[1]).read_text() == before


def test_a_file_that_somebody_else_changes_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def changing(*arguments: object) -> None:
        (tmp_path / "g.md").write_text(GUEST + "\nA line more.\n")

    monkeypatch.setattr(writing, "put_diff", changing)
    assert main(["upgrade", "g.md", "--to", "10.0"]) == 1
    assert "has changed while this ran" in capsys.readouterr().err
    assert (tmp_path / "g.md").read_text() == GUEST + "\nA line more.\n"


def test_the_qemu_that_is_named_is_that_of_the_new_guest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It need not have the old machine type: that is why a guest is rebased."""
    assert main(["rebase", "g.md", "--to", "11.1", "--diff"]) == 0
    shown = capsys.readouterr().out
    assert main(["rebase", "g.md", "--to", "11.1", "--qemu", "11.1", "--diff"]) == 0
    assert capsys.readouterr().out == shown
    assert main(["rebase", "g.md", "--to", "10.0", "--qemu", "11.1"]) == 0
    assert main(["compile", "g.md", "--qemu", "11.1"]) == 0


def test_a_machine_type_of_the_users_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "machdesc.toml").write_text('machine-types = ["machines"]\n')
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines" / "pc-q35-9.2-acme.md").write_text(
        "```machdesc\nmachdesc 1\nmachine-type pc-q35-9.2-acme follows pc-q35-9.2 { hpet off }\n"
        "device virtio-net-device { host_uso off }\n```\n"
    )
    (tmp_path / "g.md").write_text(
        "```machdesc\nmachdesc 1\nguest g\nmachine q35 @ 9.2-acme\n"
        "device virtio-net-pci net0 at pcie.0/02.0 { netdev lan }\nhost { netdev user lan }\n```\n"
    )
    assert main(["features", "g.md", "--to", "11.1"]) == 0
    told = capsys.readouterr().out
    assert "machine pc-q35 9.2-acme → 11.1" in told
    assert "`host_uso` changes from off to on" in told
    assert main(["lint", "g.md", "--horizon", "15.2"]) == 0
    assert "`check --require cold` finds nothing" in capsys.readouterr().err
    assert main(["rebase", "g.md", "--to", "11.1"]) == 0
    text = (tmp_path / "g.md").read_text()
    assert "machine q35 @ 11.1 { hpet off }" in text
    assert "device virtio-net-pci @ 9.2-acme net0" in text
    assert "live broken, cold kept, additive kept" in capsys.readouterr().out
