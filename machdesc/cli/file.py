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


class ChangedMeanwhile(Exception):
    """A file is no longer what was read of it."""


def write_whole(path: str, text: str, old: str | None = None) -> None:
    """Writes a file so that a reader finds the old one or the new one, never a half.

    The permissions of an existing file are kept, and a symlink is followed. `old` is what the file
    has to hold until then.

    :raises ChangedMeanwhile: when it holds something else; it is then as it was.
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
        if old is not None and _content(path) != old.encode():
            raise ChangedMeanwhile(path)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
