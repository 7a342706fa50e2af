"""Where the harvested files lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import os
from pathlib import Path


def machines_path() -> Path:
    """The path of the shipped `machines/`."""
    package = Path(__file__).parent.parent
    installed = package / "machines"
    return installed if installed.exists() else package.parent / "machines"


def user_path() -> Path:
    """The folder of the user's own catalogs, by the XDG convention."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return Path(data) / "machdesc" / "machines"


def architectures() -> list[str]:
    """The architectures that the shipped catalog knows."""
    return sorted(path.name for path in machines_path().iterdir() if (path / "release").is_dir())
