"""What the example guests read otherwise in another release, under one machine type, `check` has told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import machdesc
from machdesc.check.defect import find_defects
from machdesc.check.wildcard import matches
from machdesc.resolve.guest import Guest
from machdesc.verify.upgrade import Side, compare_upgrade
from tests.live.binary import Binary
from tests.live.conftest import COMPILE_ONLY, binary_or_skip
from tests.live.sight import words
from tests.truth.observation import EXAMPLES

PATHS = [path for path in sorted(EXAMPLES.glob("[!R]*.md")) if path.stem not in COMPILE_ONLY]
PATIENCE_SECONDS = 120.0
UNREAD = {"management": "the events of pvpanic are behind an I/O port, which is not read"}
"""Examples of which `check` tells what no reading shows."""

_SUBJECT = re.compile(r"(?:the machine's )?`?([^`]+?)`? is shown otherwise")


@pytest.mark.live
@pytest.mark.parametrize(("old", "new"), [("7.2", "11.1"), ("10.0", "11.1")])
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_what_is_read_otherwise_is_told(path: Path, old: str, new: str) -> None:
    sides = _side(path, binary_or_skip(old)), _side(path, binary_or_skip(new))
    shown = compare_upgrade(*sides, str(path), False, PATIENCE_SECONDS, lambda _: None)
    before, after = (side.compiled.guest for side in sides)
    findings = machdesc.check_guests(before, after)
    told = [finding for finding in findings if machdesc.violates(finding, "additive")]
    subjects = {finding.subject for finding in findings}
    read = [found.message for found in shown.differences if found.code == "upgrade-differs"]
    for message in read:
        match = _SUBJECT.match(message)
        assert match is not None
        assert match[1] in subjects | _of_defects(before, after), message
    assert not told or read or path.stem in UNREAD


def _side(path: Path, binary: Binary) -> Side:
    description, _ = machdesc.load(str(path))
    assert description is not None
    compiled, diagnostics = machdesc.compile(description, binary.release)
    assert compiled is not None, diagnostics
    return Side(" ".join(words(binary)), compiled)


def _of_defects(before: Guest, after: Guest) -> set[str]:
    """What a known defect is about: devices by their ids, and the IOMMU's registers."""
    found = set()
    for defect in find_defects(before, after):
        if defect.breaks != "live":
            for device in after.devices:
                if device.type is not None and any(matches(device.type.name, d) for d in defect.devices):
                    found |= {device.id or device.type.name, _REGISTERS.get(device.type.name, "")}
    return found


_REGISTERS = {"intel-iommu": "iommu", "amd-iommu": "AMDVI-PCI", "floppy": "cmos"}
"""Type of a device -> as what its registers are read."""
