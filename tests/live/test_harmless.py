"""Harmless back ends: nothing of the host is touched, and the front ends stay what they are."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

import machdesc
from machdesc.backend.option import Option
from machdesc.live.child import QemuFailure
from machdesc.live.guest import start_guest
from machdesc.live.process import start
from machdesc.live.sandbox import disk
from machdesc.live.sandbox.result import Harmless
from machdesc.live.sandbox.sandbox import replace_back_ends, replace_options
from machdesc.live.view import differences, read_view
from machdesc.resolve.guest import Guest
from machdesc.surroundings import environment
from tests.live.binary import Binary
from tests.live.description import EXAMPLES
from tests.live.sight import words
from tests.live.stand_in import write_kernel

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.md") if path.stem != "README")
HOST = {
    "file",
    "host_device",
    "tap",
    "socket",
    "passthrough",
    "local",
    "pa",
    "spice",
    "kvm",
    "memory-backend-file",
}
"""Words that would mean a part of the host."""

STARTED = ("legacy-zoo", "virtio-zoo", "windows-q35", "shared-folder", "router")
"""Examples whose front ends need the most different back ends."""

MULTIQUEUE = """machdesc 1
machine q35 @ 7.2 { }
cpu qemu64 @ v1 { cpus 1 maxcpus 1 sockets 1 dies 1 cores 1 threads 1 }
memory 64MiB
device virtio-net-pci net0 at pcie.0/02.0 { netdev lan mq on vectors 8 OPTION }
host { netdev tap lan { queues 3 script "no" } }
"""


def example(name: str, release: str, directory: Path) -> Harmless:
    """An example with harmless back ends; its files are looked for in `directory`."""
    return compiled(machdesc.load(str(EXAMPLES / f"{name}.md"))[0], release, directory)


def compiled(
    description: machdesc.Description | None, release: str, directory: Path | None = None
) -> Harmless:
    """A description with harmless back ends."""
    assert description is not None
    found, diagnostics = machdesc.compile(description, release)
    assert found is not None, diagnostics
    return replace_back_ends(found, directory)


def bare_guest() -> Guest:
    """A guest of which nothing matters but the release."""
    description = machdesc.load_source(machdesc.source_of("machdesc 1\nmachine q35 @ 7.2\n"))[0]
    assert description is not None
    return machdesc.resolve_description(description, "7.2")[0]


@pytest.mark.parametrize("name", NAMES)
def test_no_option_names_the_host(name: str, tmp_path: Path) -> None:
    harmless = example(name, "10.0", tmp_path)
    ours = set(harmless.servers)
    for option in harmless.options:
        if option.name in ("accel", "blockdev", "netdev", "chardev", "fsdev", "audiodev", "tpmdev", "object"):
            pairs = dict(option.pairs)
            assert option.first not in HOST or pairs.get("path") in ours, option
    assert Option("accel", "tcg") in harmless.options


@pytest.mark.parametrize("name", NAMES)
def test_front_ends_stay(name: str, tmp_path: Path) -> None:
    description = machdesc.load(str(EXAMPLES / f"{name}.md"))[0]
    assert description is not None
    found, _ = machdesc.compile(description, "10.0")
    assert found is not None
    harmless = replace_back_ends(found, tmp_path)
    left_out = {place.subject for place in harmless.places if place.reason.startswith("is left out")}
    before = [o for o in found.options if o.name == "device" and f"device {o.id}" not in left_out]
    assert [o for o in harmless.options if o.name == "device"] == before


def test_sizes_of_disks(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(bytes(3072))
    (tmp_path / "qcow2").write_bytes(b"QFI\xfb\0\0\0\3".ljust(24, b"\0") + (5 << 20).to_bytes(8, "big"))
    options = [
        Option(
            "blockdev", "raw", pairs=(("node-name", "a"), ("file.driver", "file"), ("file.filename", "raw"))
        ),
        Option("blockdev", "file", pairs=(("node-name", "f"), ("filename", "qcow2"))),
        Option("blockdev", "qcow2", pairs=(("node-name", "b"), ("file", "f"), ("read-only", "on"))),
        Option("blockdev", "nbd", pairs=(("node-name", "c"), ("server.host", "h"))),
        Option("drive", id="d", pairs=(("file", "qcow2"), ("if", "none"), ("cache", "none"))),
    ]
    harmless = replace_options(options, bare_guest(), tmp_path)
    sizes = {dict(o.pairs).get("node-name", o.id): dict(o.pairs) for o in harmless.options[1:]}
    assert sizes["a"]["size"] == "3072"
    assert sizes["b"] == {"node-name": "b", "size": "5242880", "read-zeroes": "on", "read-only": "on"}
    assert sizes["d"]["size"] == "5242880"
    assert [place.subject for place in harmless.places] == ["blockdev c"]


def test_firmware_is_a_copy(tmp_path: Path) -> None:
    (tmp_path / "code.fd").write_bytes(b"\x7fcode")
    options = [
        Option("machine", "pc-q35-7.2", pairs=(("pflash0", "code"),)),
        Option("blockdev", "raw", pairs=(("node-name", "code"), ("file", "below"), ("read-only", "on"))),
        Option(
            "blockdev", "file", pairs=(("node-name", "below"), ("filename", "code.fd"), ("locking", "on"))
        ),
    ]
    harmless = replace_options(options, bare_guest(), tmp_path)
    ((number, content),) = harmless.copies.items()
    assert content == b"\x7fcode"
    assert dict(harmless.options[-1].pairs) == {"node-name": "below", "filename": f"/dev/fdset/{number}"}


def flash(*pairs: tuple[str, str]) -> list[Option]:
    machine = Option("machine", "pc-q35-7.2", pairs=(("pflash0", "code"),))
    return [machine, Option("blockdev", "qcow2", pairs=(("node-name", "code"), *pairs))]


def qcow2(backing: int) -> bytes:
    return (b"QFI\xfb\0\0\0\2" + backing.to_bytes(8, "big")).ljust(512, b"\0")


def test_of_firmware_only_its_own_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(qcow2(0))
    (tmp_path / "other").write_bytes(qcow2(72))
    file = (("file.driver", "file"), ("file.filename", "plain"))
    backing = (
        ("backing.driver", "qcow2"),
        ("backing.file.driver", "file"),
        ("backing.file.filename", "other"),
    )
    harmless = replace_options(flash(*file, *backing), bare_guest(), tmp_path)
    assert list(harmless.copies.values()) == [qcow2(0)]
    assert not [key for key, _ in harmless.options[-1].pairs if key.startswith("backing")]
    below = (("file.file.driver", "file"), ("file.file.filename", "other"))
    harmless = replace_options(flash(*file, *below), bare_guest(), tmp_path)
    assert harmless.options[-1].first == "null-co"


def test_copies_of_firmware_have_a_limit_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "MOST_COPIES_BYTES", 20)
    (tmp_path / "code").write_bytes(b"0123456789")
    options = [
        Option("drive", id=f"d{n}", pairs=(("if", "pflash"), ("format", "raw"), ("file", "code")))
        for n in range(5)
    ]
    harmless = replace_options(options, bare_guest(), tmp_path)
    assert len(harmless.copies) == 2


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000, "a\0b"])
def test_names_of_files_that_cannot_be_there(name: str, tmp_path: Path) -> None:
    options = [
        Option("blockdev", "raw", pairs=(("node-name", "d"), ("file.filename", name))),
        Option("blockdev", "null-co", pairs=(("node-name", "e"), ("size", "9" * 5000))),
        Option("device", "virtio-rng-pci", "r", (("romfile", name),)),
    ]
    harmless = replace_options(options, bare_guest(), tmp_path)
    assert dict(harmless.options[1].pairs)["size"] == str(disk.UNKNOWN_SIZE)
    assert dict(harmless.options[2].pairs)["size"] == str(disk.UNKNOWN_SIZE)


def test_threads_are_not_started_in_advance(tmp_path: Path) -> None:
    pairs = (("thread-pool-max", "900"), ("thread-pool-min", "800"))
    harmless = replace_options([Option("object", "main-loop", "ml", pairs)], bare_guest(), tmp_path)
    assert harmless.options[1].pairs == (("thread-pool-max", "900"),)
    assert ("ml", "thread-pool-min") in harmless.changed


def test_sound_without_a_back_end_is_silent() -> None:
    assert environment()["QEMU_AUDIO_DRV"] == "none"


def test_verbatim_arguments(tmp_path: Path) -> None:
    words = ("-incoming", "defer", "-serial", "null", "-daemonize")
    harmless = replace_options([Option("", word, plain=True) for word in words], bare_guest(), tmp_path)
    assert harmless.arguments() == ["-accel", "tcg"]
    subjects = [place.subject for place in harmless.places]
    assert subjects == ["arguments -incoming", "arguments -serial", "arguments -daemonize"]


@pytest.mark.live
@pytest.mark.parametrize("name", STARTED)
def test_examples_show_the_same_twice(name: str, binary: Binary, tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    views = []
    for _ in range(2):
        with start_guest(words(binary), example(name, binary.release, tmp_path)) as process:
            views.append(read_view(process))
    assert differences(*views, told=True) == []
    assert set(os.listdir("/proc/self/fd")) == before
    assert threading.active_count() == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.live
def test_devices_without_pci(binary: Binary, tmp_path: Path) -> None:
    write_kernel(tmp_path / "vmlinuz")
    description, _ = machdesc.load(str(EXAMPLES / "microvm.md"))
    with start_guest(words(binary), compiled(description, binary.release, tmp_path)) as process:
        view = read_view(process)
    assert not any(key[0] == "pci" for key in view)
    devices = {key[1]: value for key, value in view.items() if key[0] == "virtio" and key[2] == "device id"}
    assert sorted(str(value) for value in devices.values() if value) == ["1", "2", "4"]
    assert view["fw_cfg", "item", "kernel command line size"] != "00 00 00 00"


@pytest.mark.live
def test_queues_and_offloads_of_a_tap(binary: Binary) -> None:
    views = []
    for text in ("", "csum off"):
        description, _ = machdesc.load_source(machdesc.source_of(MULTIQUEUE.replace("OPTION", text)))
        with start_guest(words(binary), compiled(description, binary.release)) as process:
            views.append(read_view(process))
    assert views[0]["virtio", "00/02.0", "queues"] == 7
    changed = {difference.key for difference in differences(*views)}
    assert ("virtio", "00/02.0", "feature", "0") in changed


@pytest.mark.live
def test_last_words_of_a_guest_that_does_not_start(binary: Binary) -> None:
    with (
        pytest.raises(QemuFailure, match="no-such-device"),
        start(words(binary), ["-device", "no-such-device"]),
    ):
        pass
