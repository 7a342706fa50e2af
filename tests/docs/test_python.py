"""The Python fences of the README and the documentation run, in a folder with copies of all pages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.page import PAGES, fences


@pytest.mark.parametrize("page", [p for p in PAGES if fences(p, "python")], ids=lambda p: p.name)
def test_a_python_fence_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in PAGES:
        shutil.copy(other, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MACHDESC_QEMU", raising=False)
    for text in fences(page, "python"):
        exec(compile(text, str(page), "exec"), {})
