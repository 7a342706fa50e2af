"""A version on a device is QEMU's own: every type, at every version, under a newer machine type.

For each type that can be plugged, `device TYPE @ V` under the newest machine type shows the same QOM
properties, of the device and of its parts, as the same device under the machine type of version V.
What differs all the same stands with its reason in docs/versions.md, and nothing else may.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import machdesc
from tests.live.conftest import binary_or_skip
from tests.live.plug import NOT_HERE, NOT_ON, pluggable_types
from tests.live.qom import Objects
from tests.live.zoo import see_types

RELEASE = "11.1"
VERSIONS = ("10.0", "9.2", "8.2", "7.2", "6.2", "5.2")
PAGE = Path(__file__).parents[2] / "docs" / "versions.md"

_CLOCK = {("mc146818rtc", "date")}
"""What differs between any two moments."""


@pytest.mark.live
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("machine", ["q35", "pc"])
def test_a_device_at_a_version_is_that_of_the_machine_type(machine: str, version: str) -> None:
    binary = binary_or_skip(RELEASE)
    types = pluggable_types(machdesc.load_catalog(), RELEASE, machine)
    wanted = see_types(binary, types, machine, version, "")
    found = see_types(binary, types, machine, RELEASE, version)
    refused = {name: what for seen in (wanted, found) for name, what in seen.items() if isinstance(what, str)}
    assert not refused
    different: dict[str, set[str]] = {}
    for name in types:
        theirs, ours = wanted[name], found[name]
        assert not isinstance(theirs, str)
        assert not isinstance(ours, str)
        names = _differing(theirs.objects, ours.objects)
        names -= {key for owner, key in _CLOCK if owner == name}
        if names:
            different[name] = names
    assert different == exceptions(machine, version)
    assert (len(types), len(types) - len(different)) == figures(machine, version)


def test_the_page_names_what_is_not_tried() -> None:
    rows = _table("type", "needs")
    assert {row[0]: row[1] for row in rows} == {f"`{name}`": why for name, why in NOT_HERE.items()}
    rows = _table("machine", "refuses")
    assert {row[0]: row[1] for row in rows} == {
        f"`{name}`": ", ".join(f"`{t}`" for t in types) for name, types in NOT_ON.items()
    }


def exceptions(machine: str, version: str) -> dict[str, set[str]]:
    """What the page says differs: type -> names of properties."""
    found: dict[str, set[str]] = {}
    for row_machine, versions, types, properties, _ in _table(
        "machine", "version", "types", "properties", "why"
    ):
        if row_machine == f"`{machine}`" and version in versions.split(", "):
            for name in _names(types):
                found.setdefault(name, set()).update(_names(properties))
    return found


def figures(machine: str, version: str) -> tuple[int, int]:
    """How many types the page says there are, and how many are equal."""
    for row_machine, row_version, types, equal in _table("machine", "version", "types", "equal"):
        if (row_machine, row_version) == (f"`{machine}`", version):
            return int(types), int(equal)
    raise AssertionError(f"docs/versions.md has no row for {machine} at {version}")


def _table(*columns: str) -> list[list[str]]:
    """The rows of the page's table with these columns."""
    head = "| " + " | ".join(columns) + " |\n"
    text = PAGE.read_text(encoding="utf-8")
    assert head in text, f"docs/versions.md has no table {head}"
    rows = []
    for line in text.partition(head)[2].splitlines()[1:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _differing(left: Objects, right: Objects) -> set[str]:
    """The names of properties with other values, or that only one side has."""
    found = set()
    for path in {*left, *right}:
        mine, theirs = left.get(path, {}), right.get(path, {})
        for name in {*mine, *theirs}:
            if name not in mine or name not in theirs or mine[name] != theirs[name]:
                found.add(name)
    return found
