"""Catalogs that are damaged: a message that names the file, never an internal error."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from machdesc.catalog.location import machines_path
from machdesc.cli.main import main
from tests.attack.json_mutation import IS_LONG, mutants
from tests.live.test_interruption import GUEST

KEPT = (
    *("device/virtio-net-pci", "device/virtio-rng-pci", "device/pcie-root-port", "device/qemu-xhci"),
    *("device/mch", "device/ICH9-LPC", "machine/pc-q35", "cpu/x86_64-cpu", "object/memory-backend-ram"),
    *("release/7.2", "release/10.0", "vmstate/7.2", "vmstate/10.0"),
)
"""Files of a small catalog; those of types are cut down to its releases."""

RELEASES = ("7.2", "10.0")
COMMANDS = (
    *("lint FILE", "compile FILE", "check FILE FILE", "explain virtio-net-pci", "schema virtio-net-pci"),
    *("latest", "features --to 10.0 FILE", "show FILE", "pin --check FILE"),
)
MUTANTS = 4 if not IS_LONG else 100000
DEVICES = "device virtio-net-pci n at pcie.0/02.0 { netdev lan }\ndevice virtio-rng-pci r at pcie.0/03.0\n"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small catalog that is sound."""
    folder = tmp_path_factory.mktemp("base")
    for name in KEPT:
        path = folder / "x86_64" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        source = machines_path() / "x86_64" / f"{name}.json"
        if name.startswith(("release/", "vmstate/")):
            shutil.copyfile(source, path)
        else:
            path.write_text(json.dumps(cut(json.loads(source.read_text(encoding="utf-8")))))
    (folder / "guest.md").write_text(GUEST.replace("host {", DEVICES + "host { netdev user lan  "))
    return folder


def cut(type: dict[str, object]) -> dict[str, object]:
    """A type without the releases that the small catalog has not."""
    spans = ("descriptions", "parents", "bus", "offers", "parts", "user-creatable", "hotpluggable")
    own = [release for release in type["releases"] if release in RELEASES]  # type: ignore[attr-defined]
    found = {key: value for key, value in type.items() if key not in spans} | {"releases": own}
    for key in spans:
        if key in type:
            (value,) = list(type[key].values())[:1]  # type: ignore[attr-defined]
            found[key] = {f"{own[0]}..{own[-1]}": value}
    properties = {}
    for name, schema in type["properties"].items():  # type: ignore[attr-defined]
        variants = [
            {**each, "releases": [release for release in each["releases"] if release in RELEASES]}
            for each in schema.get("anyOf", [schema])
        ]
        variants = [each for each in variants if each["releases"]]
        if variants:
            properties[name] = variants[0] if len(variants) == 1 else {"anyOf": variants}
    return {**found, "properties": properties}


def run(folder: Path, command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    words = [str(folder / "guest.md") if word == "FILE" else word for word in command.split()]
    code = main([*words, "--catalog", str(folder)])
    return code, capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_sound_catalog_is_read(base: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, errors = run(base, command, capsys)
    assert code in (0, 1)
    assert "damaged" not in errors
    assert "internal error" not in errors


def contents(path: Path, base: Path, seed: int) -> Iterator[tuple[str, bytes | None]]:
    """What stands in place of a file's content, and what that is called; None for no file."""
    sound, chance = path.read_bytes(), random.Random(seed)
    yield "removed", None
    yield "empty", b""
    yield "a list", b"[]"
    yield "an object", b"{}"
    yield "cut", sound[: chance.randrange(len(sound))]
    yield "no UTF-8", sound[:50] + b"\xff" + sound[50:]
    yield "deep", b"[" * 200000
    yield "a huge number", b"9" * 100000
    yield "another file", (base / "x86_64" / f"{chance.choice(KEPT)}.json").read_bytes()
    for name, value in mutants(json.loads(sound), MUTANTS, seed):
        yield name, json.dumps(value).encode()


@pytest.mark.parametrize("name", KEPT)
def test_a_damaged_file_is_named(
    name: str, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mutant"
    shutil.copytree(base, folder)
    path = folder / "x86_64" / f"{name}.json"
    broken = []
    for number, (what, content) in enumerate(contents(path, base, KEPT.index(name))):
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        command = COMMANDS[number % len(COMMANDS)]
        code, errors = run(folder, command, capsys)
        is_told = code != 2 or f"the catalog is damaged: {path}: " in errors or content is None
        if code not in (0, 1, 2) or "internal error" in errors or not is_told:
            broken.append(f"{what}: {command}: {code} {errors[:300]}")
        if what in ("empty", "a list", "an object", "cut", "no UTF-8", "deep") and code != 2:
            broken.append(f"{what}: {command}: {code} is not refused")
        shutil.copyfile(base / "x86_64" / f"{name}.json", path)
    assert broken == []


def test_a_type_that_descends_from_itself(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(base, tmp_path / "c")
    path = tmp_path / "c" / "x86_64" / "release" / "7.2.json"
    release = json.loads(path.read_text())
    release["types"]["device"] = "virtio-net-pci"
    path.write_text(json.dumps(release))
    code, errors = run(tmp_path / "c", "lint FILE", capsys)
    assert code == 2
    assert f"the catalog is damaged: {path}: the type `" in errors
    assert "` descends from itself" in errors
