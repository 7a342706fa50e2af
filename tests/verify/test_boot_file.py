"""Files that a guest is started from: whole paths, or left out with a note."""

from __future__ import annotations

from pathlib import Path

import machdesc
from machdesc.backend.option import Option
from machdesc.verify.boot_file import find_boot_files

GUEST = """machdesc 1
guest a
machine pc @ 7.2
memory 128MiB
boot { kernel "vmlinuz"  initrd "initrd"  append "quiet" }
fw_cfg "opt/a" { file "a.bin" }
fw_cfg "opt/b" { string "b" }
host { accel tcg }
"""


def found(folder: Path, *files: str) -> tuple[dict[str, str], list[str], list[str]]:
    """What the machine is started with, the names of fw_cfg files, and what is told."""
    for name in files:
        (folder / name).write_text("")
    description, _ = machdesc.load_source(machdesc.source_of(GUEST, "a.md"))
    assert description is not None
    compiled, _ = machdesc.compile(description, "7.2")
    assert compiled is not None
    options, places = find_boot_files(compiled.options, folder)
    return _booted(options), _named(options), [place.subject for place in places]


def _booted(options: list[Option]) -> dict[str, str]:
    pairs = next(dict(option.pairs) for option in options if option.name == "machine")
    return {name: pairs[name] for name in ("kernel", "initrd", "append") if name in pairs}


def _named(options: list[Option]) -> list[str]:
    return [dict(option.pairs)["name"] for option in options if option.name == "fw_cfg"]


def test_files_beside_the_description(tmp_path: Path) -> None:
    booted, names, told = found(tmp_path, "vmlinuz", "initrd", "a.bin")
    assert booted == {
        "kernel": str(tmp_path / "vmlinuz"), "initrd": str(tmp_path / "initrd"), "append": "quiet"
    }  # fmt: skip
    assert (names, told) == (["opt/a", "opt/b"], [])


def test_what_is_not_there_is_left_out_and_told(tmp_path: Path) -> None:
    booted, names, told = found(tmp_path, "vmlinuz")
    assert booted == {"kernel": str(tmp_path / "vmlinuz"), "append": "quiet"}
    assert names == ["opt/b"]
    assert told == ["initrd initrd", "file a.bin"]


def test_without_a_kernel_nothing_goes_along(tmp_path: Path) -> None:
    booted, _, told = found(tmp_path, "initrd")
    assert booted == {}
    assert told[0] == "kernel vmlinuz"
