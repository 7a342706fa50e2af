"""Texts of up to a megabyte, full of one thing: what they take grows with them, not with their square."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attack.limited import SECONDS, run_limited

HEAD = "machdesc 1\nguest g\nmachine q35 @ 9.2\nmemory 1GiB\n"
COMMANDS = (
    *(["lint", "F"], ["compile", "F"], ["pin", "--diff", "F"], ["show", "F"], ["check", "F", "G"]),
    *(["check", "--format", form, "F", "G"] for form in ("json", "sarif", "github", "junit", "markdown")),
)


def lines(count: int, line: Callable[[int], str]) -> str:
    return "".join(line(number) + "\n" for number in range(count))


def unknown_names(count: int) -> str:
    host = lines(count, lambda n: f"  blockdev null-co disk{n} {{}}")
    return lines(count, lambda n: f"device virtio-blk-pci d{n} {{ drive dsik{n} }}") + f"host {{\n{host}}}\n"


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words))
def test_thousands_of_unknown_names(words: list[str], tmp_path: Path) -> None:
    """8,000 names of which none is known, and as many known ones."""
    path, other = tmp_path / "f.machdesc", tmp_path / "g.machdesc"
    path.write_text(HEAD + unknown_names(8000))
    other.write_text(HEAD)
    files = {"F": str(path), "G": str(other)}
    # Formats that hold all 24,000 findings write 20 MB of them.
    ended = run_limited([files.get(word, word) for word in words], 4 if "--format" in words else SECONDS)
    assert ended.code in (1, 2), ended
    assert "did you mean `disk" in ended.output


LARGE = {
    "unknown types": HEAD + lines(20000, lambda n: f"device virtoi-net-{n} d{n}"),
    "unknown properties": HEAD + lines(12000, lambda n: f"device virtio-net-pci d{n} {{ netdve{n} 1 }}"),
    "unknown buses": HEAD + lines(8000, lambda n: f"device pci-bridge b{n}\ndevice e1000 e{n} at bb{n}/01.0"),
    "buses of another type": HEAD
    + lines(6000, lambda n: f"device qemu-xhci u{n}\ndevice e1000 e{n} at u{n}.0"),
    "unknown versions": HEAD + lines(12000, lambda n: f"device virtio-net-pci @ 9.{n} d{n}"),
    "a chain of bridges": HEAD + lines(12000, lambda n: f"device pci-bridge b{n + 1} at b{n}/01.0"),
    "one id": HEAD + lines(30000, lambda n: "device e1000 d"),
    "one address": HEAD + lines(15000, lambda n: f"device e1000 d{n} at pcie.0/02.0"),
    "includes of nothing": HEAD + lines(30000, lambda n: f'include "x{n}"'),
    "removals of nothing": HEAD + lines(30000, lambda n: f"remove device x{n}"),
    "ranges of CPUs": HEAD + f"numa node {{ nodeid 0 cpus [{'0-65535 ' * 60000}] }}\n",
    "nodes": HEAD + lines(15000, lambda n: f"numa node {{ nodeid {n} }}"),
    "comments": HEAD + "# x\n" * 200000,
    "open lists": HEAD + "device e1000 d { mac " + "[" * 500000,
    "open blocks": HEAD + "device e1000 d { " + "a { " * 200000,
    "brackets": HEAD + "} ] " * 200000,
    "a long line": HEAD + lines(1, lambda n: "host { } " * 60000),
    "a long word": HEAD + "device " + "a" * 1000000,
    "a long number": HEAD.replace("1GiB", "9" * 1000000),
    "a long version": HEAD.replace("9.2", "9" * 1000000),
    "a long address": HEAD + "device e1000 d at pcie.0/" + "f" * 1000000,
    "a path of addresses": HEAD + "device usb-tablet d at " + "1." * 500000,
    "open texts": HEAD + 'device e1000 d { mac "x\n' * 40000,
    "escapes": HEAD + 'device e1000 d { mac "' + "\\q" * 400000 + '" }\n',
    "NUL": HEAD + "\0" * 1000000,
    "fences": "```machdesc\n```\n" * 50000,
    "backticks": "`" * 1000000,
}


@pytest.mark.parametrize("name", LARGE)
def test_lint_takes_two_seconds(name: str, tmp_path: Path) -> None:
    path = tmp_path / "f.machdesc"
    path.write_text(LARGE[name])
    ended = run_limited(["lint", str(path)])
    assert ended.code in (0, 1), ended


MANY = {
    "devices without ids": (HEAD + "device e1000\n" * 20000, ["show", "pin"]),
    "devices with ids": (HEAD + lines(15000, lambda n: f"device e1000 d{n}"), ["show", "pin"]),
    "hubs": (HEAD + "device qemu-xhci x\n" + "device usb-hub\n" * 20000, ["pin"]),
    "serial ports": (HEAD + "device isa-serial\n" * 20000, ["show", "pin"]),
}


@pytest.mark.parametrize(
    ("name", "command"), [(name, each) for name, (_, commands) in MANY.items() for each in commands]
)
def test_what_depends_on_the_devices_before_it(name: str, command: str, tmp_path: Path) -> None:
    """Ids, addresses and what QEMU counts, such as MAC addresses: what they take is linear."""
    path = tmp_path / "f.machdesc"
    path.write_text(MANY[name][0])
    ended = run_limited([command, *(["--diff"] if command == "pin" else []), str(path)], 4)
    assert ended.code in (0, 1), ended.code


PAIRS = {
    "renamed": [lines(15000, f"device virtio-rng-pci {side}{{}}".format) for side in "rq"],
    "of another type": ["device virtio-rng-pci\n" * 15000, "device virtio-balloon-pci\n" * 15000],
}


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_of_many_devices(name: str, tmp_path: Path) -> None:
    """Which of the old devices is which of the new ones, and the place of each finding: linear."""
    files = [tmp_path / "old.machdesc", tmp_path / "new.machdesc"]
    for path, text in zip(files, PAIRS[name], strict=True):
        path.write_text(HEAD + text)
    ended = run_limited(["check", *map(str, files)], 4)
    assert ended.code in (0, 1), ended.code


def test_includes_that_double(tmp_path: Path) -> None:
    """Each file includes the next by two names: thirty of them would be a billion."""
    for number in range(15):
        (tmp_path / f"x{number}.machdesc").write_text(
            f'machdesc 1\ninclude "x{number + 1}.machdesc"\ninclude "./x{number + 1}.machdesc"\n'
        )
    (tmp_path / "x15.machdesc").write_text(HEAD)
    ended = run_limited(["lint", str(tmp_path / "x0.machdesc")])
    assert ended.code == 0, ended
