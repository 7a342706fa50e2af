"""Folders: what is said of files below one that are not read, though they may have been meant to be.

`Files.below` finds descriptions by their suffixes. This module looks at what that leaves out.
"""

from __future__ import annotations

import os

from machdesc.diagnostic import WARNING, Diagnostic, file_error
from machdesc.model.file import SUFFIXES, plain_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGINNING = b"machdesc "
"""How a raw description begins; the number of the language follows."""

_PEEKED = len(b"\xef\xbb\xbf") + len(_BEGINNING) + 8
"""Bytes that are read of each file that is not called as a description is."""


def overlooked(folder: str) -> list[Diagnostic]:
    """What `below` does not give of a folder: folders that cannot be read, as errors, and raw descriptions
    under a suffix that folders do not read, as warnings.

    Hidden folders are left out, and only regular files are opened. Codes: unreadable, raw-suffix.
    """
    found: list[Diagnostic] = []
    for name in _others(folder, found):
        if _is_raw(name):
            stem = os.path.splitext(os.path.basename(name))[0]
            help = f"call it `{stem}{SUFFIXES[1]}`, or put the text in a ```machdesc block of a `.md` file"
            message = f"begins with `machdesc 1`; only `{'` and `'.join(SUFFIXES)}` files are read in folders"
            found.append(Diagnostic(WARNING, "raw-suffix", message, None, "", help, plain_name(name)))
    return found


def empty_folder(name: str) -> Diagnostic:
    """What is said of a folder in which there is nothing to do."""
    help = f"descriptions in folders are `{'` and `'.join(SUFFIXES)}` files; hidden folders are left out"
    return file_error("no-descriptions", "the folder holds no descriptions", name, help)


def _others(folder: str, found: list[Diagnostic]) -> Iterator[str]:
    """The regular files below a folder, in order, that are not called as descriptions are."""
    waiting = [folder]
    while waiting:
        inner = waiting.pop()
        try:
            with os.scandir(inner) as entries:
                those = sorted(entries, key=lambda entry: entry.name)
        except OSError as failed:
            message = f"the folder cannot be read: {failed.strerror or failed}"
            found.append(file_error("unreadable", message, plain_name(inner)))
            continue
        folders = []
        for entry in those:
            if entry.is_dir(follow_symlinks=False):
                folders += [] if entry.name.startswith(".") else [entry.path]
            elif not entry.name.endswith(SUFFIXES) and entry.is_file(follow_symlinks=False):
                yield entry.path
        waiting += reversed(folders)


def _is_raw(name: str) -> bool:
    """Whether a file begins as a raw description; what cannot be read does not."""
    try:
        # It may have become a pipe since: then nothing waits for its other end.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return False
    try:
        start = os.read(descriptor, _PEEKED)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    words = start.removeprefix(b"\xef\xbb\xbf")
    return words.startswith(_BEGINNING) and words[len(_BEGINNING) :].lstrip(b" \t")[:1].isdigit()
