"""Copies of the files that a guest's hardware is made from, in a folder of our own, for reading only.

A QEMU that is looked at never opens a file of the user's. A file's copy is named by a placeholder until QEMU
is about to be started: only then is it known which folder that QEMU sees.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from machdesc.source import read_bytes

MOST_BYTES = 256 << 20
"""Of one file: the largest initial RAM disks of distributions have about 200 MiB."""

MOST_FILES = 64

MOST_BYTES_TOGETHER = 512 << 20
"""Of all files of a guest: they are held in memory; a kernel and its initial RAM disk have some 250 MiB."""

MARK = "\0"
"""How placeholders begin: no value of a description holds it."""

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


class NotCopied(Exception):
    """A file is not there, not regular, or too large; the text says which."""


def read_file(path: Path) -> bytes:
    """The content of a regular file.

    :raises NotCopied: when it cannot be read, or is larger than `MOST_BYTES`.
    """
    try:
        content = read_bytes(path, MOST_BYTES)
    except FileNotFoundError:
        raise NotCopied("there is no such file here") from None
    except (OSError, ValueError) as error:
        raise NotCopied(str(getattr(error, "strerror", None) or error)) from error
    if len(content) > MOST_BYTES:
        raise NotCopied(f"it is larger than {MOST_BYTES >> 20} MiB")
    return content


def write_copies(copies: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """Writes the copies into a folder, for anybody to read; placeholder -> path."""
    paths = {}
    for placeholder, content in copies.items():
        path = folder / placeholder.removeprefix(MARK)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
        with open(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, 0o444)
        paths[placeholder] = str(path)
    return paths


def placeholder(number: int, name: str) -> str:
    """The name of a copy. Its end is that of the file: QEMU looks at the end of some names."""
    end = "".join(c for c in os.path.basename(name)[-32:] if c in _SAFE)
    return f"{MARK}machdesc-file-{number}-{end}"
