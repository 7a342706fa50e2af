"""Drives whose changes QEMU throws away."""

from __future__ import annotations

import json

import pytest

from machdesc.importing.argument import read_command_line
from machdesc.importing.snapshot import drive_beneath, with_snapshots


def medium(file: str) -> dict[str, object]:
    """What `query-block` tells of a medium with an overlay."""
    node = {"driver": "qcow2", "backing": {"driver": "raw"}, "file": {"driver": "file", "filename": file}}
    image = {"backing-image": {"format": "raw", "filename": "/a.img"}}
    return {"file": f"json:{json.dumps(node)}", "backing_file": "/a.img", "image": image, "ro": False}


def test_the_real_file_stands_beneath_an_overlay() -> None:
    expected = {"file": "/a.img", "format": "raw", "snapshot": "on"}
    assert drive_beneath(medium("/var/tmp/vl.ERS5Y3")) == expected
    assert drive_beneath({**medium("/tmp/vl.ERS5Y3"), "ro": True}) == {**expected, "readonly": "on"}


@pytest.mark.parametrize("told", [medium("/disk.qcow2"), {"file": "/a.img"}, {"file": "json:{"}, {}])
def test_what_is_no_overlay(told: dict[str, object]) -> None:
    assert drive_beneath(told) == {}


def test_an_option_for_all_drives() -> None:
    words = ["-snapshot", "-drive", "file=a", "-drive", "file=b,snapshot=off", "-m", "1G"]
    drives = with_snapshots(read_command_line(words)).all("drive")
    assert [drive.properties["snapshot"] for drive in drives] == ["on", "off"]
    assert "snapshot" not in with_snapshots(read_command_line(words[1:])).all("drive")[0].properties
