"""Lint reports what QEMU refuses, and nothing that it takes; `tests.resolve.refusal` has the rows."""

from __future__ import annotations

import pytest

from machdesc.diagnostic import ERROR
from machdesc.library import resolve_description
from machdesc.model.load import load_source
from machdesc.source import source_of
from tests.resolve.refusal import ROWS, Row, whole

RELEASES = ("7.2", "10.0", "11.1")


def errors(text: str, release: str) -> list[str]:
    """The codes of the errors in a guest."""
    description, diagnostics = load_source(source_of(whole(text), "g"))
    assert description is not None
    diagnostics += resolve_description(description, release)[1]
    return [diagnostic.code for diagnostic in diagnostics if diagnostic.severity == ERROR]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.refused)
def test_what_qemu_refuses_is_an_error(row: Row, release: str) -> None:
    assert errors(row.refused, release) == [row.code]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.taken)
def test_what_qemu_takes_is_none(row: Row, release: str) -> None:
    assert errors(row.taken, release) == []
