"""Hints files with a right checksum that no machdesc has made: a message, never an internal error."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from machdesc.cli.main import main
from tests.attack.json_mutation import mutants
from tests.attack.monitor import Client, recorded, use

COMMANDS = (
    "hints show HINTS",
    "compile GUEST --qemu 7.2 --hints HINTS",
    "compile GUEST --qemu 11.1 --hints HINTS",
)
MUTANTS = 200


def unpacked(path: Path) -> Any:
    """The content of a file."""
    lines = path.read_text(encoding="ascii").split("\n")
    return json.loads(zlib.decompress(base64.b64decode("".join(lines[1:]))))


def write(path: Path, content: object) -> None:
    """Writes a file with the checksum of its content."""
    text = json.dumps(content).encode()
    packed = base64.b64encode(zlib.compress(text)).decode()
    head = f"machdesc-hints 2 sha256={hashlib.sha256(text).hexdigest()}"
    path.write_text(f"{head}\n{packed}\n", encoding="ascii")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with the recorded guest and its hints."""
    content = recorded()
    (tmp_path / "guest.md").write_text(content["guest"], encoding="utf-8")
    with monkeypatch.context() as patch:
        use(patch, Client(content["answers"]), content["line"])
        assert main(["hints", "dump", "--qmp", "recorded", "-o", str(tmp_path / "hints")]) == 0
    capsys.readouterr()
    return tmp_path


def run(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    places = {"HINTS": str(folder / "hints"), "GUEST": str(folder / "guest.md")}
    code = main([places.get(word, word) for word in command.split()])
    printed = capsys.readouterr()
    return code, printed.err + ("\x1b" if "\x1b" in printed.out else "")


@pytest.mark.parametrize("command", COMMANDS)
def test_hints_that_differ_in_one_value(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command, folder, capsys)[0] == 0
    content, broken = unpacked(folder / "hints"), []
    for name, mutant in mutants(content, MUTANTS, seed=COMMANDS.index(command)):
        write(folder / "hints", mutant)
        code, errors = run(command, folder, capsys)
        if code not in (0, 1, 2) or "internal error" in errors or "\x1b" in errors:
            broken.append(f"{name}: {code} {errors[:300]}")
    assert broken == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("memory", {"size": 1 << 27, "slots": 4}),
        ("memory", {"size": "128M"}),
        ("topology", {"cpus": "many"}),
        ("topology", {"cpus": -1}),
        ("machine_values", {"vmport": None}),
        ("machine", "q35\nhost { }"),
        ("version", 7.2),
        ("devices", [["virtio-net-pci", "n", True, "pcie.0", "02.0", {"mq": 1 << 70}]]),
        ("devices", [["virtio-net-pci", "n", "yes", "pcie.0", "02.0", {}]]),
    ],
)
def test_fields_of_another_type_are_damage(
    key: str, value: object, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "hints", {**unpacked(folder / "hints"), key: value})
    for command in COMMANDS:
        code, errors = run(command, folder, capsys)
        assert code == 2
        assert f"{folder / 'hints'}: is damaged" in errors
