"""`machdesc schema`, and the document that `compile --format json` prints."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from machdesc.catalog.location import machines_path
from machdesc.cli.main import main
from machdesc.harvest.document import emit_document, parse_document
from machdesc.schema.document import description_schema

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("[a-z]*.md"))


def test_prints_the_schema_of_a_type_at_a_release(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "virtio-net-pci@7.2"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["mac"]["type"] == "string"
    assert "x-qemu" in schema["properties"]["mac"]


def test_an_alias_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "ahci"]) == 0
    assert json.loads(capsys.readouterr().out)["title"].startswith("ich9-ahci@")


def test_an_unknown_type_gets_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "virtio-nett-pci"]) == 2
    assert "did you mean `virtio-net-pci`?" in capsys.readouterr().err


def test_an_unknown_release_names_those_that_have_the_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "igb@5.2"]) == 2
    assert "10.0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["q35"], "pc-q35@11.1"),
        (["pc-i440fx-7.2@7.2"], "pc-i440fx@7.2"),
        (["virtio-net-pci@10.0.13"], "virtio-net-pci@10.0"),
        (["x86_64-cpu@5.2"], "x86_64-cpu@5.2"),
        (["memory-backend-ram@7.2"], "memory-backend-ram@7.2"),
        (["document@7.2"], "a guest at QEMU 7.2"),
        (["igb@10.0", "--catalog", str(machines_path())], "igb@10.0"),
    ],
)
def test_what_a_name_means(words: list[str], title: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", *words]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == title


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name a type"),
        (["@7.2"], "name a type"),
        (["igb@"], "where a release should stand"),
        (["igb@9.2"], "no catalog of QEMU 9.2; there are 5.2"),
        (["document@9.2"], "no catalog of QEMU 9.2"),
        (["../device/igb"], "no known QEMU has a type"),
        (["a" * 5000], "no known QEMU has a type"),
        (["igb", "--catalog", "/nonexistent"], "cannot read the catalog in /nonexistent"),
    ],
)
def test_wrong_use_is_told(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", *words]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert not told.out


def test_every_listed_name_has_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--list"]) == 0
    names = capsys.readouterr().out.splitlines()
    assert {"virtio-net-pci", "memory-backend-ram", "pc-q35", "x86_64-cpu"} <= set(names)
    assert names == sorted(set(names))


@pytest.fixture
def own_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's catalog of a release that is not shipped, with a type that is not shipped."""
    folder = tmp_path / "machdesc" / "machines" / "x86_64"
    shipped = machines_path() / "x86_64"
    for kind in ("device", "release"):
        (folder / kind).mkdir(parents=True)
    text = (shipped / "release" / "11.1.json").read_text()
    (folder / "release" / "11.2.json").write_text(text.replace('"release": "11.1"', '"release": "11.2"'))
    for name, own in (("igb", "igb"), ("edu", "frobnicator")):
        document = parse_document(json.loads((shipped / "device" / f"{name}.json").read_text()))
        newest = emit_document("x86_64", "device", own, {"11.2": document["11.1"]})
        (folder / "device" / f"{own}.json").write_text(newest)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return folder


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("igb@11.2", "igb@11.2"),
        ("igb@11.1", "igb@11.1"),
        ("igb", "igb@11.1"),
        ("frobnicator", "frobnicator@11.2"),
        ("frobnicator@11.2.3", "frobnicator@11.2"),
        ("document@11.2", "a guest at QEMU 11.2"),
    ],
)
def test_the_users_own_catalog_is_looked_into(
    word: str, title: str, own_catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", word]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == title


def test_the_users_own_types_are_listed_and_suggested(
    own_catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", "--list"]) == 0
    assert {"frobnicator", "virtio-net-pci"} <= set(capsys.readouterr().out.split())
    assert main(["schema", "frobnicater"]) == 2
    assert "did you mean `frobnicator`?" in capsys.readouterr().err
    assert main(["schema", "igb@9.2"]) == 2
    assert "there are 5.2, 7.2, 10.0, 11.1, 11.2" in capsys.readouterr().err


def test_a_catalog_that_is_asked_for_is_the_only_one(
    own_catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", "frobnicator", "--catalog", str(machines_path())]) == 2
    assert main(["schema", "x86_64-cpu", "--catalog", str(own_catalog.parent)]) == 2


@cache
def document_validator(release: str) -> Draft202012Validator:
    schema = description_schema(release)
    Draft202012Validator.check_schema({**schema, "$defs": {}})
    return Draft202012Validator(schema)


def compiled(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["compile", str(path), "--qemu", "10.0", "--format", "json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_a_valid_document(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faults = list(document_validator("10.0").iter_errors(compiled(path, capsys)))
    assert not faults, [fault.message for fault in faults]


GUEST = """machdesc 1
guest x
machine q35 @ 9.2 { smm on }
cpu qemu64 { cpus 1 pcid on }
memory 1GiB
device virtio-rng-pci rng0 at pcie.0/02.0 { rng r0 max-bytes 1024 }
object rng-builtin r0
host { accel tcg object iothread io0 { poll-max-ns 1 } }
"""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("machdesc",), 2),
        (("machine", "type"), "pc-q35-0.1"),
        (("machine", "properties", "smm"), 1),
        (("cpu", "properties", "pcid"), "on"),
        (("cpu", "topology", "cpus"), "one"),
        (("memory", "size"), "1GiB"),
        (("devices", 0, "type"), "virtio-nett-pci"),
        (("devices", 0, "properties", "max-bytes"), -1),
        (("devices", 0, "properties", "colour"), "red"),
        (("objects", 0, "type"), "rng-dice"),
        (("objects", 0, "properties", "colour"), "red"),
        (("host", 1, "properties", "poll-max-ns"), "long"),
    ],
)
def test_a_document_is_held_against_the_types_in_it(
    path: tuple[str | int, ...], value: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.md").write_text(GUEST)
    document = compiled(tmp_path / "x.md", capsys)
    assert document_validator("10.0").is_valid(document)
    node: Any = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    faults = list(document_validator("10.0").iter_errors(document))
    assert {tuple(fault.absolute_path) for fault in faults} <= {path, path[:-1]}
    assert faults
