"""Where the grammar lies: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path


def grammar_path() -> Path:
    """The path of `machdesc.lark`."""
    package = Path(__file__).parent.parent
    installed = package / "grammar" / "machdesc.lark"
    return installed if installed.exists() else package.parent / "grammar" / "machdesc.lark"
