"""File names that are block nodes in JSON."""

from __future__ import annotations

import json

import pytest

from machdesc.importing.node import node_of


def test_what_a_driver_makes_by_itself_is_not_given() -> None:
    folder = {"driver": "vvfat", "dir": "/d", "rw": True}
    name = {"driver": "raw", "file": {**folder, "write-target": {"driver": "qcow", "file": "t"}}}
    assert node_of(f"json:{json.dumps(name)}") == {"driver": "raw", "file": folder}


@pytest.mark.parametrize("name", ["", "/a.img", "json:{", "json:1"])
def test_a_plain_name_has_no_node(name: str) -> None:
    assert node_of(name) == {}
