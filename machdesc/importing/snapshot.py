"""Drives whose changes QEMU throws away when it ends: what they are, beneath the overlay that is one run's.

`snapshot=on` of a drive, and `-snapshot` for all drives that do not say it (drive_enable_snapshot in
softmmu/vl.c of 7.2), put a file with a random name over the real one (bdrv_append_temp_snapshot in block.c).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from machdesc.importing.argument import CommandLine, Tree
from machdesc.importing.node import node_of

_TEMPORARY = re.compile(r"(?:.*/)?vl\.\w{6}")
"""The name of an overlay (create_tmp_file in block.c), as 7.2 and 11.1 tell it."""


def with_snapshots(command_line: CommandLine) -> CommandLine:
    """The command line with what `-snapshot` means on each drive."""
    if not command_line.all("snapshot"):
        return command_line
    return CommandLine(
        [
            argument._replace(properties={"snapshot": "on", **argument.properties})
            if argument.name == "drive"
            else argument
            for argument in command_line
        ],
        command_line.unread,
    )


def drive_beneath(told: Mapping[str, Any]) -> dict[str, Tree]:
    """The properties of the drive to which a medium's overlay belongs; empty where it is no overlay."""
    if not _is_overlay(str(told.get("file", ""))):
        return {}
    format = told.get("image", {}).get("backing-image", {}).get("format")
    properties: dict[str, Tree] = {"file": str(told.get("backing_file", ""))}
    properties |= {"format": str(format)} if format else {}
    properties |= {"readonly": "on"} if told.get("ro") else {}
    return {**properties, "snapshot": "on"}


def _is_overlay(file: str) -> bool:
    node = node_of(file)
    below = node.get("file") if "backing" in node else None
    return isinstance(below, dict) and bool(_TEMPORARY.fullmatch(str(below.get("filename", ""))))
