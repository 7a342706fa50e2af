"""The examples against themselves, under another release: a machine type keeps its hardware, so that nothing
is told but what is known to differ all the same."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

import machdesc

EXAMPLES = sorted(path for path in Path("docs/examples").glob("*.md") if path.name != "README.md")
KNOWN = {
    ("management", "panic0", "events"): "a default that changed without a compat property",
    ("passthrough", "nic0", "x-igd-opregion"): "a default that changed without a compat property",
}
"""Example, device and property -> why it is told."""

DEFECT, LAYOUT = "MD001", "MD073"
"""What is told of releases themselves, and of the layouts of saved states."""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_else_differs(path: Path) -> None:
    description, diagnostics = machdesc.load(str(path))
    assert description is not None, diagnostics
    guests = {}
    for release in machdesc.load_catalog().releases:
        guest, diagnostics = machdesc.resolve_description(description, release)
        if not machdesc.has_errors(diagnostics):
            guests[release] = guest
    assert len(guests) >= 2
    for old, new in permutations(guests, 2):
        for finding in machdesc.check_guests(guests[old], guests[new]):
            if finding.code not in (DEFECT, LAYOUT):
                key = path.stem, finding.subject, finding.message.split("`")[1]
                assert key in KNOWN, f"{old} to {new}: {finding.subject}: {finding.message}"
