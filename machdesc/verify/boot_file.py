"""Files that the guest is started from: found beside the description, or left out with a note."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from machdesc.backend.option import Option
from machdesc.live.harmless import Place

_KERNEL = "kernel"
_WITH_A_KERNEL = ("initrd", "append", "dtb", "shim")
"""What QEMU takes beside a kernel, and refuses without one (qemu_validate_options in softmmu/vl.c of 7.2)."""


def find_boot_files(options: Sequence[Option], directory: Path) -> tuple[list[Option], list[Place]]:
    """The options with whole paths in place of those relative to `directory`, without those whose file is
    not there; and where the guest looks different because of that."""
    places: list[Place] = []

    def whole(key: str, name: str) -> str | None:
        if key == "append" or (directory / name).is_file():
            return name if key == "append" else str(directory / name)
        places.append(Place(f"{key} {name}", "is left out: there is no such file here"))
        return None

    def found(option: Option, keys: Sequence[str]) -> Option:
        paths = {key: whole(key, value) for key, value in option.pairs if key in keys}
        if _KERNEL in paths and paths[_KERNEL] is None:
            paths = dict.fromkeys(paths)
        pairs = ((key, paths.get(key, value)) for key, value in option.pairs)
        return option._replace(pairs=tuple((key, value) for key, value in pairs if value is not None))

    changed = []
    for option in options:
        if option.name == "machine":
            option = found(option, (_KERNEL, *_WITH_A_KERNEL))
        elif option.name == "fw_cfg":
            option = found(option, ("file",))
            if not {"file", "string", "gen_id"} & dict(option.pairs).keys():
                continue
        changed.append(option)
    return changed, places
