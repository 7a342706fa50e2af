"""Settings: which file holds them, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from machdesc.model.setting import find_settings


def found(folder: Path, name: str, text: str) -> tuple[tuple[str, ...], str, list[tuple[str, int, int]]]:
    """The folders, the catalog, and the codes and places of what is wrong."""
    (folder / name).write_text(text)
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    settings, diagnostics = find_settings(str(inner / "guest.md"))
    return settings.machine_types, settings.catalog, [(d.code, *d.place()[1:]) for d in diagnostics]


def test_the_file_of_its_own(tmp_path: Path) -> None:
    text = 'machine-types = ["m", "../n"]\ncatalog = "c"\n'
    assert found(tmp_path, "machdesc.toml", text) == (("m", "../n"), "c", [])


def test_the_table_of_a_python_project(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n[tool.machdesc]\nmachine-types = ["m"]\n'
    assert found(tmp_path, "pyproject.toml", text) == (("m",), "", [])


def test_a_project_without_the_table_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\n")
    (tmp_path / "machdesc.toml").write_text('catalog = "c"\n')
    assert find_settings(str(tmp_path / "a" / "g.md"))[0].catalog == "c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('catalog = "c"\nmachine-types = [1\n', ("bad-toml", 3, 1)),
        ('catalog = "c"\nx = = 1\n', ("bad-toml", 2, 5)),
        ('catalog = "c"\nmachine-type = ["m"]\n', ("unknown-setting", 2, 1)),
        ('\nmachine-types = "m"\n', ("bad-setting", 2, 1)),
        ("  catalog = 1\n", ("bad-setting", 1, 3)),
    ],
)
def test_what_is_wrong_is_told_at_its_place(
    text: str, expected: tuple[str, int, int], tmp_path: Path
) -> None:
    assert found(tmp_path, "machdesc.toml", text)[2] == [expected]
