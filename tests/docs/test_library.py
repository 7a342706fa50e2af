"""The Python of the pages runs, prints what is shown, and speaks of all public names."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

import machdesc
from tests.docs.page import PAGES, ROOT, fences

PAGE = ROOT / "docs" / "library.md"


@pytest.mark.parametrize("page", [p for p in PAGES if fences(p, "pycon")], ids=lambda page: page.name)
def test_the_python_of_a_page_prints_what_is_shown(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(page.parent)
    text = "\n".join(fences(page, "pycon"))
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    told: list[str] = []
    result = doctest.DocTestRunner().run(test, out=told.append)
    assert result.attempted
    assert not result.failed, "".join(told)


def test_the_functions_of_the_library_are_told_of() -> None:
    told = set(re.findall(r"`([A-Za-z_]+)`", PAGE.read_text(encoding="utf-8")))
    functions = {name for name in dir(machdesc) if name[0].islower() and not name.startswith("_")}
    assert functions - told <= {"has_errors", "read_source"}
