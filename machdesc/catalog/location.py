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
    """The folder of the user's own catalogs, below that which the platform has for data."""
    from platformdirs import user_data_path

    return user_data_path("machdesc", appauthor=False) / "machines"


def own_paths() -> list[Path]:
    """The folders of catalogs that are not shipped: the one that the settings above the current folder
    name, then the user's own; only those that are there."""
    from machdesc.model.setting import find_settings

    settings, _ = find_settings("machdesc.toml")
    found = [user_path()]
    if settings.catalog:
        found.insert(0, Path(settings.name).parent / settings.catalog)
    # `Path.is_dir` fails for a name that is too long or holds a NUL.
    return [path for path in found if os.path.isdir(path)]


def architectures() -> list[str]:
    """The architectures that the shipped catalog knows."""
    return sorted(path.name for path in machines_path().iterdir() if (path / "release").is_dir())
