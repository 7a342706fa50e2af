"""`machdesc schema`, and the document that `compile --format json` prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from machdesc.cli.main import main
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


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_a_valid_document(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", str(path), "--qemu", "10.0", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    faults = list(Draft202012Validator(description_schema("10.0")).iter_errors(document))
    assert not faults, [fault.message for fault in faults]
