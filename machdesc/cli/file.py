"""Files: finding descriptions, and writing output whole or not at all."""

from __future__ import annotations

import os

from machdesc.model.file import DISK


def find_descriptions(paths: list[str]) -> list[str]:
    """The files that are named, and all `.md` files below the folders that are named."""
    found = []
    for path in paths:
        found += DISK.below(path) if DISK.is_folder(path) else [path]
    return found


def write_whole(path: str, text: str) -> None:
    """Writes a file so that a reader finds the old one or the new one, never a half.

    The permissions of an existing file are kept, and a symlink is followed.

    :raises OSError: when it cannot be written; an existing file is then as it was.
    """
    from tempfile import mkstemp

    path = os.path.realpath(path)
    handle, temporary = mkstemp(dir=os.path.dirname(path), prefix=os.path.basename(path) + ".")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            mode = os.stat(path).st_mode & 0o777
        except FileNotFoundError:
            umask = os.umask(0)
            os.umask(umask)
            mode = 0o666 & ~umask
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
