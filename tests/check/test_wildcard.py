"""Wildcards against `fnmatch`."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from machdesc.check.wildcard import matches


@given(st.text("ab-", max_size=6), st.text("ab-*", max_size=6))
def test_a_pattern_means_what_it_means_to_fnmatch(name: str, pattern: str) -> None:
    assert matches(name, pattern) == fnmatchcase(name, pattern)
