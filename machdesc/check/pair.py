"""Pairs: which descriptions are compared with which, and where each of them lies."""

from __future__ import annotations

import os

from machdesc.model.file import DISK, Files, plain_name
from machdesc.record import Record


class Place(Record):
    """Where a description lies, or a folder of them: the name that `files` read it by, its path,
    and the commit, empty for a file on the disk. A path in git counts from the top."""

    name: str
    path: str
    files: Files = DISK
    revision: str = ""


class Pair(Record):
    """Two descriptions to compare; `old` is None for a new one, `new` for one that is removed.

    `named` means that both were asked for by name, so that it is an error when one of them is
    not the description of a guest; else such a pair is passed over.
    """

    old: Place | None
    new: Place | None
    named: bool = False


class Mismatch(Exception):
    """Two things that make no pair; the message says why."""


def disk_place(name: str) -> Place:
    """The place of a file or a folder on the disk."""
    return Place(name, plain_name(name))


def match_places(old: Place, new: Place, named: bool) -> list[Pair]:
    """The pair of two files, or all pairs of two folders, in which files are matched by their
    paths below these.

    :raises Mismatch: when one is a folder and the other is not.
    """
    is_folder = old.files.is_folder(old.name)
    if is_folder != new.files.is_folder(new.name):
        folder, other = (old, new) if is_folder else (new, old)
        raise Mismatch(f"`{folder.name}` is a folder, and `{other.name}` is not")
    if not is_folder:
        return [Pair(old, new, named)]
    olds, news = _below(old), _below(new)
    return [Pair(olds.get(path), news.get(path)) for path in sorted({*olds, *news})]


def _below(folder: Place) -> dict[str, Place]:
    """The descriptions below a folder, by their paths from there."""
    # What is found below `.` or `./a` does not begin with these.
    start = plain_name(folder.name).rstrip("/") if folder.name != "." else ""
    places = {}
    for name in folder.files.below(folder.name):
        path = os.path.join(folder.path, name[len(start) :].lstrip("/"))
        places[name[len(start) :].lstrip("/")] = folder._replace(name=name, path=path)
    return places
