"""The file of layouts: descriptions stand once, and all that QEMU's dump tells can be read from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from machdesc.catalog.catalog import load_catalog
from machdesc.catalog.layout import read_layouts
from machdesc.harvest.vmstate_file import emit_layouts, resolve_layouts

RECORDED = json.loads((Path(__file__).parent / "recorded" / "vmstate-10.0.json").read_text(encoding="utf-8"))


def told(entry: dict[str, Any], descriptions: dict[str, Any], key: str) -> dict[str, Any]:
    """A description as QEMU dumped it, from the file's value."""
    value = descriptions[key]
    found = {"name": key.partition("#")[0], "version_id": value["version"]}
    found["minimum_version_id"] = value["minimum"]
    if "fields" in value:
        found["Fields"] = [
            {
                "field": field["field"],
                "version_id": field.get("version", 0),
                "field_exists": field.get("conditional", False),
                **({"num": field["num"]} if "num" in field else {}),
                "size": field["size"],
                **({"Description": told(entry, descriptions, field["of"])} if "of" in field else {}),
            }
            for field in value["fields"]
        ]
    if "subsections" in value:
        found["Subsections"] = [told(entry, descriptions, inner) for inner in value["subsections"]]
    return found


def test_nothing_of_the_dump_is_lost() -> None:
    value = json.loads(emit_layouts(resolve_layouts("10.0", "10.0.13", RECORDED)))
    assert value["sections"].keys() == RECORDED.keys() - {"vmschkmachine"}
    for type, key in value["sections"].items():
        entry = RECORDED[type]
        assert told(entry, value["descriptions"], key) == entry["Description"]
        assert entry["version_id"] == entry["Description"]["version_id"]


def test_the_machine_type_and_the_order_do_not_matter() -> None:
    mixed = {**dict(reversed(RECORDED.items())), "vmschkmachine": {"Name": "pc-q35-7.2"}}
    texts = [emit_layouts(resolve_layouts("10.0", "10.0.13", dump)) for dump in (RECORDED, mixed)]
    assert texts[0] == texts[1]


def test_a_description_stands_once_and_its_namesake_has_a_number() -> None:
    value = resolve_layouts("10.0", "10.0.13", RECORDED)
    contents = [json.dumps(item) + key.partition("#")[0] for key, item in value["descriptions"].items()]
    assert len(contents) == len(set(contents))
    assert value["sections"]["VGA"] == "vga#2"


@pytest.mark.parametrize("release", load_catalog().releases)
def test_the_shipped_layouts_can_be_read(release: str) -> None:
    layouts = read_layouts(load_catalog(), release)
    assert layouts is not None
    assert layouts.release == release
    rtc = layouts.section("mc146818rtc")
    assert rtc is not None
    assert rtc.fields
    assert layouts.section("pci-bridge-seat-of-nobody") is None
