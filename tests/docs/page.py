"""The pages of the documentation, and the fences in them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def fences(page: Path, info: str) -> list[str]:
    """The texts of a page's fences with this info string."""
    found = _FENCE.finditer(page.read_text(encoding="utf-8"))
    return [match["text"] for match in found if match["info"] == info]
