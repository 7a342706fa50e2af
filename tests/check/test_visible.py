"""The table of visible properties speaks of what QEMU has: each line fits a property of some release."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

import machdesc
from machdesc.catalog.catalog import DeviceType
from machdesc.check.finding import CONTRACTS
from machdesc.check.visible import LINES


def owners(pattern: str) -> list[DeviceType]:
    """The types that a line speaks of, by their own names and those of their ancestors."""
    catalog = machdesc.load_catalog()
    if pattern == "machine":
        found = [catalog.machine_schema(family) for family in catalog.families()]
        return [schema for schema in found if schema is not None]
    if pattern == "cpu":
        schema = catalog.cpu_schema()
        return [schema] if schema is not None else []
    types = [type for name in catalog.names("device") if (type := catalog.device(name)) is not None]
    return [
        type
        for type in types
        if any(fnmatchcase(name, pattern) for r in type.releases for name in (type.name, *type.parents(r)))
    ]


@pytest.mark.parametrize(("owner", "pattern", "breaks", "reason"), LINES)
def test_a_line_fits_a_property_that_some_release_has(
    owner: str, pattern: str, breaks: str, reason: str
) -> None:
    assert reason
    assert breaks in ("", *CONTRACTS)
    names = {name for type in owners(owner) for r in type.releases for name in type.properties(r)}
    assert any(fnmatchcase(name, pattern) for name in names)
