"""Several catalogs, and several releases, in one process: what is kept of one is not taken for another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import machdesc
from machdesc.catalog.location import machines_path
from machdesc.source import source_of

TEXT = """machdesc 1
guest a
machine q35 @ 7.2
memory 1GiB
device virtio-net-pci net0 at pcie.0/02.0 { netdev lan  speed 100 }
device usb-tablet pen at usb.0/1
device qemu-xhci usb at pcie.0/03.0
host { netdev user lan }
"""
RELEASES = ("7.2", "10.0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped catalog, in which NICs have no `speed`."""
    shutil.copytree(machines_path(), tmp_path / "machines", ignore=shutil.ignore_patterns("*.md"))
    path = tmp_path / "machines/x86_64/device/virtio-net-pci.json"
    schema = json.loads(path.read_text())
    schema["properties"].pop("speed")
    path.write_text(json.dumps(schema))
    return tmp_path / "machines"


def seen(catalog: machdesc.Catalog, release: str) -> tuple[list[str], list[str]]:
    """What lint says of the guest, and what check says of a changed one."""
    guests = []
    for text in (TEXT, TEXT.replace("pcie.0/03.0", "pcie.0/04.0")):
        description, _ = machdesc.load_source(source_of(text, "g.md"))
        assert description is not None
        guest, diagnostics = machdesc.resolve_description(description, release, catalog)
        guests.append(guest)
    return [d.code for d in diagnostics], [f.code for f in machdesc.check_guests(*guests)]


@pytest.mark.parametrize("step", [1, -1])
def test_each_has_its_own_truth(folder: Path, step: int) -> None:
    ways = [(where, release) for where in (None, str(folder)) for release in RELEASES]
    for where, release in [*ways, *ways][::step]:
        catalog = machdesc.load_catalog(directory=where)
        codes, found = seen(catalog, release)
        assert ("unknown-property" in codes) is (where is not None)
        assert found == ["MD040"]


def test_a_folder_is_read_again_when_it_changed(folder: Path) -> None:
    first = machdesc.load_catalog(directory=str(folder))
    assert machdesc.load_catalog(directory=str(folder)) is first
    path = folder / "x86_64/release/11.1.json"
    facts = json.loads(path.read_text())
    facts["compat"].pop("pc-q35-9.2")
    path.write_text(json.dumps(facts))
    again = machdesc.load_catalog(directory=str(folder))
    assert "pc-q35-9.2" in first.tails("11.1")
    assert "pc-q35-9.2" not in again.tails("11.1")
