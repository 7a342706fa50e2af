"""Pinning without QEMU: what is written, what is left alone, and what is refused."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from machdesc.catalog.catalog import load_catalog
from machdesc.cli.history import former_places
from machdesc.cli.main import main
from machdesc.diagnostic import render
from machdesc.library import resolve_description
from machdesc.model.load import load
from machdesc.pinning.pin import pin
from tests.live.random_guest import random_guest
from tests.pin.place import description_of, places, without_hubs

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.json"))
EXAMPLES = sorted(
    p for p in (Path(__file__).parents[2] / "docs" / "examples").glob("*.md") if p.stem != "README"
)


def _pinned(text: str, release: str = "10.0", **options: object) -> str:
    source, diagnostics = pin(description_of(text), release, load_catalog(), **options)  # type: ignore[arg-type]
    assert source is not None, [render(d) for d in diagnostics]
    return source.text


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_places_are_those_that_were_recorded(path: Path) -> None:
    recorded = json.loads(path.read_text())
    text = "\n".join(recorded.pop("guest")) + "\n"
    assert recorded
    for release, told in recorded.items():
        before, _ = resolve_description(description_of(text), release, None, "allowed")
        guest, _ = resolve_description(description_of(_pinned(text, release)), release)
        assert [[list(pair) for pair in place] for place in places(without_hubs(guest, before))] == told


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_pinning_twice_changes_nothing_and_leaves_no_warning_of_it(path: Path) -> None:
    description, _ = load(str(path))
    assert description is not None
    once, diagnostics = pin(description)
    assert once is not None
    assert not {"no-address", "unversioned-machine"} & {d.code for d in diagnostics}
    assert _pinned(once.text, resolve_description(description)[0].release) == once.text


def test_random_guests_are_pinned_once() -> None:
    for seed in (0, 2, 3, 4, 5, 40, 41, 42):
        once = _pinned(random_guest(seed))
        assert _pinned(once) == once


GUEST = """# A guest

```machdesc
machdesc 1
guest g
machine q35        # the newest
cpu Skylake-Server { cpus 4  cores 2 }
memory 1GiB
device virtio-net-pci { netdev lan }   # its card

device virtio-scsi-pci scsi0 {
  # none of its own
}
device scsi-hd { drive d }
host {
  netdev user lan
  blockdev null-co d
}
```
The end.
"""


def test_all_that_qemu_would_choose_is_written_and_nothing_else_changes() -> None:
    assert _pinned(GUEST) == GUEST.replace("q35 ", "q35 @ 10.0 ").replace(
        "Skylake-Server { cpus 4  cores 2 }",
        "Skylake-Server @ v1 { cpus 4  cores 2  maxcpus 4  sockets 2  threads 1 }",
    ).replace(
        "memory 1GiB\n",
        "memory 1GiB { backend pc.ram }\n\nobject memory-backend-ram pc.ram {\n  size 1GiB\n}\n",
    ).replace(
        "device virtio-net-pci { netdev lan }",
        'device virtio-net-pci @ 10.0 net0 at pcie.0/01.0 { netdev lan  vectors 4  mac "52:54:00:12:34:56" }',
    ).replace(
        "device virtio-scsi-pci scsi0 {\n  # none of its own\n",
        "device virtio-scsi-pci @ 10.0 scsi0 at pcie.0/02.0 {\n"
        "  num_queues 4\n  vectors 7\n  # none of its own\n",
    ).replace("device scsi-hd {", "device scsi-hd @ 10.0 scsi-hd0 at scsi0.0/0:0:0 {")


def test_a_hub_that_qemu_adds_is_described() -> None:
    text = "machdesc 1\nguest g\nmachine q35\ndevice qemu-xhci usb\n"
    pinned = _pinned(text + "device usb-kbd\n" * 5)
    assert re.findall(r"device (\S+) .* at (usb\S+)", pinned) == [
        ("usb-kbd", "usb.0/1"), ("usb-kbd", "usb.0/2"), ("usb-kbd", "usb.0/3"),
        ("usb-hub", "usb.0/4"), ("usb-kbd", "usb.0/4.1"), ("usb-kbd", "usb.0/4.2"),
    ]  # fmt: skip


def test_what_a_base_brings_is_overridden_in_the_guests_own_file(tmp_path: Path) -> None:
    base = "machdesc 1\nmachine q35\ncpu qemu64 { cpus 1 }\nmemory 1G\ndevice e1000 net0\n"
    (tmp_path / "base.mdesc").write_text(base)
    guest = tmp_path / "g.mdesc"
    guest.write_text('machdesc 1\ninclude "base.mdesc"\nguest g\ndevice e1000 net1\n')
    assert main(["pin", str(guest), "--qemu", "10.0"]) == 0
    assert (tmp_path / "base.mdesc").read_text() == base
    text = guest.read_text()
    assert 'device e1000 @ 10.0 net0 at pcie.0/01.0 {\n  mac "52:54:00:12:34:56"\n}\n' in text
    assert 'device e1000 @ 10.0 net1 at pcie.0/02.0 { mac "52:54:00:12:34:57" }\n' in text
    assert "machine q35 @ 10.0\n" in text
    assert main(["pin", "--check", str(guest)]) == 0
    (tmp_path / "base.mdesc").write_text(base + "device e1000\n")
    assert main(["pin", str(guest)]) == 1
    assert guest.read_text() == text


def test_a_device_that_is_gone_leaves_its_slot_empty(tmp_path: Path) -> None:
    guest = tmp_path / "g.mdesc"
    head = "machdesc 1\nguest g\nmachine q35\n"
    guest.write_text(head + "device e1000 a\ndevice e1000 b\ndevice e1000 c\n")

    def git(*words: str) -> None:
        settings = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *settings, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    assert main(["pin", str(guest)]) == 0
    git("add", "g.mdesc")
    git("commit", "-qm", "pinned")
    text = guest.read_text()
    guest.write_text(re.sub(r"(?m)^device e1000 @ \S+ b .*\n", "", text) + "device e1000 d\n")
    git("commit", "-qam", "b is gone")
    guest.write_text(guest.read_text() + "\n")
    git("commit", "-qam", "something else")
    assert ("b", "pcie.0/02.0") in former_places(str(guest))
    assert main(["pin", str(guest)]) == 0
    found = dict(re.findall(r"device e1000 @ \S+ (\S+) at (\S+)", guest.read_text()))
    assert found == {"a": "pcie.0/01.0", "c": "pcie.0/03.0", "d": "pcie.0/04.0"}


def test_a_new_device_does_not_move_those_that_have_addresses() -> None:
    text = "machdesc 1\nguest g\nmachine q35\ndevice e1000 new\ndevice e1000 old at pcie.0/01.0\n"
    pinned = _pinned(text)
    assert " new at pcie.0/02.0" in pinned
    assert " old at pcie.0/01.0" in pinned


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("device pcie-root-port p\ndevice e1000 a at p\ndevice e1000 b at p\n", "bus-full"),
        ("device usb-kbd\n", "no-bus"),
        ("device pxb-pcie x { bus_nr 64 }\ndevice e1000\n", "no-bus"),
        ("device frob\n", "unknown-device-type"),
    ],
)
def test_what_cannot_be_pinned_is_left_alone(
    lines: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guest = tmp_path / "g.mdesc"
    text = "machdesc 1\nguest g\nmachine q35\n" + lines
    guest.write_text(text)
    assert main(["pin", str(guest)]) == 1
    assert guest.read_text() == text
    errors = capsys.readouterr().err
    assert f"[{code}]" in errors
    assert re.search(r"g\.mdesc:\d+:\d+: error", errors)


def test_other_files_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prose, type = tmp_path / "README.md", tmp_path / "t.mdesc"
    prose.write_text("# Hello\n")
    type.write_text("machdesc 1\nmachine-type pc-q35-7.2-x follows pc-q35-7.2\n")
    assert main(["pin", str(prose), str(type)]) == 1
    errors = capsys.readouterr().err
    assert "holds no machdesc text" in errors
    assert "describes a machine type, not a guest" in errors


def test_ports_for_hotplug_are_laid_out_as_libvirt_does() -> None:
    text = "machdesc 1\nguest g\nmachine q35\ndevice e1000 old\ndevice VGA video\n"
    text += "".join(f"device virtio-rng-pci r{number}\n" for number in range(9))
    text += "device ich9-intel-hda sound\ndevice rtl8139 second\n"
    pinned = _pinned(text, strategy="hotplug")
    places = dict(re.findall(r"device \S+ @ 10.0 (\S+) at (\S+)", pinned))
    assert places["video"] == "pcie.0/01.0"
    assert places["sound"] == "pcie.0/1b.0"
    assert (places["old"], places["second"]) == ("pci1/01.0", "pci1/02.0")
    assert [places[f"r{number}"] for number in range(9)] == [f"port{number + 2}/00.0" for number in range(9)]
    ports = [places[f"port{number}"] for number in range(1, 11)]
    assert ports == [*(f"pcie.0/02.{function}" for function in range(8)), "pcie.0/03.0", "pcie.0/03.1"]
    assert "port9 at pcie.0/03.0 {\n  chassis 9\n  port 0x18\n  multifunction on\n}" in pinned
    assert _pinned(pinned, strategy="hotplug") == pinned
    more = _pinned(pinned + "device virtio-rng-pci r9\n", strategy="hotplug")
    assert "port11 at pcie.0/03.2 {\n  chassis 11\n  port 0x1a\n}" in more


def test_a_machine_without_pci_express_has_no_ports() -> None:
    source, diagnostics = pin(
        description_of("machdesc 1\nmachine pc\ndevice e1000 a\n"), "10.0", strategy="hotplug"
    )
    assert source is None
    assert [d.code for d in diagnostics] == ["no-ports"]


def test_the_root_bus_may_be_full_of_ports() -> None:
    lines = [f"device virtio-rng-pci r{number}\n" for number in range(30 * 8 + 1)]
    source, diagnostics = pin(
        description_of("machdesc 1\nguest g\nmachine q35\n" + "".join(lines)), "10.0", strategy="hotplug"
    )
    assert source is None, source.text[-300:]
    assert {d.code for d in diagnostics} == {"bus-full"}


def test_a_codec_address_may_be_hex() -> None:
    text = """machdesc 1
guest g
machine q35 @ 9.2
memory 1GiB
device intel-hda hda at pcie.0/02.0
device hda-micro first { audiodev silent  cad 0x3 }
device hda-micro second { audiodev silent }
host { audiodev none silent }
"""
    assert "second at hda.0/4" in _pinned(text)
