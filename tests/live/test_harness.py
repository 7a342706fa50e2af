"""The harness itself: it reads examples rightly, notices differences, and leaves nothing running."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

import pytest

from tests.live.binary import Binary, Unavailable, chroot_directory, find_binary
from tests.live.description import read_example
from tests.live.expectation import device_differences, equal
from tests.live.machine import StartError, start, working_directory
from tests.live.snapshot import take_snapshot

BARE = ["-nodefaults", "-no-user-config", "-accel", "tcg", "-machine", "pc-q35-7.2"]

GUEST = """\
```machdesc
machdesc 1

device pcie-root-port rp1 at pcie.0/02.0 {
  chassis 1
}

device virtio-rng-pci @ 7.2 rng0 at rp1/00.0 {
  rng entropy
}

host {
  object rng-builtin entropy
  accel tcg { x [1, 2] }
}
```

```sh
true
```
"""

RIGHT = [
    *("-object", "rng-builtin,id=entropy"),
    *("-device", "pcie-root-port,id=rp1,bus=pcie.0,addr=02.0,chassis=1"),
    *("-device", "virtio-rng-pci,id=rng0,bus=rp1,addr=00.0,rng=entropy"),
]


def test_reads_an_example(tmp_path: Path) -> None:
    path = tmp_path / "guest.md"
    path.write_text(GUEST)
    example = read_example(path)
    ports, rng = example.all("device")
    assert (ports.type, ports.id, ports.address) == ("pcie-root-port", "rp1", "pcie.0/02.0")
    assert (rng.type, rng.id, rng.address) == ("virtio-rng-pci", "rng0", "rp1/00.0")
    assert rng.properties == {"rng": "entropy"}
    assert example.all("accel") == []
    assert example.preparation == "true\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("on", True),
        ("off", False),
        ("0x10", 16),
        ("2MiB", 2097152),
        ("128M", "134217728"),
        ("auto", "auto"),
        ("entropy", "/objects/entropy"),
        ("a, b", "a, b"),
    ],
)
def test_value_is_the_one_that_is_shown(text: str, shown: object) -> None:
    assert equal(text, shown)


@pytest.mark.parametrize(("text", "shown"), [("on", 1), ("1", True), ("on", False), ("4", 5), ("on", None)])
def test_value_is_another_than_the_one_that_is_shown(text: str, shown: object) -> None:
    assert not equal(text, shown)


@pytest.mark.live
def test_differences_are_noticed(binary: Binary, tmp_path: Path) -> None:
    path = tmp_path / "guest.md"
    path.write_text(GUEST)
    example = read_example(path)
    moved = [word.replace("addr=02.0,chassis=1", "addr=03.0,chassis=7") for word in RIGHT]
    extra = ["-device", "usb-ehci,id=usb,bus=pcie.0,addr=05.0"]
    with working_directory(binary) as directory:
        with start(binary, [*BARE, *RIGHT], directory) as machine:
            assert list(device_differences(example, take_snapshot(machine))) == []
        with start(binary, [*BARE, *moved, *extra], directory) as machine:
            found = "\n".join(device_differences(example, take_snapshot(machine)))
    assert "rp1: chassis is 7, written is 1" in found
    assert "rp1: addr is ['24'], written is 02.0" in found
    assert "usb: nobody asked for it" in found


@pytest.mark.live
def test_last_words_of_a_qemu_that_refuses(binary: Binary) -> None:
    with (
        working_directory(binary) as directory,
        pytest.raises(StartError, match="no-such-device"),
        start(binary, [*BARE, "-device", "no-such-device"], directory),
    ):
        pass


@pytest.mark.live
def test_nothing_stays(binary: Binary) -> None:
    with contextlib.suppress(ZeroDivisionError), working_directory(binary) as directory:
        service = subprocess.Popen(["sleep", "1000"])
        (directory / "service.pid").write_text(str(service.pid))
        with start(binary, BARE, directory) as machine:
            process = machine.process_id
            raise ZeroDivisionError
    assert service.wait(timeout=10) < 0
    assert not os.path.exists(f"/proc/{process}")
    assert not directory.exists()


def test_missing_release_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    find_binary.cache_clear()
    try:
        assert chroot_directory("trixie") == tmp_path / "machdesc/chroots/trixie"
        with pytest.raises(Unavailable, match=r"no QEMU 10\.0"):
            find_binary("10.0")
    finally:
        find_binary.cache_clear()
