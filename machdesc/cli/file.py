"""Files: finding the descriptions that are named, and writing what `-o` asks for."""

from __future__ import annotations

import os

from machdesc.diagnostic import WARNING, Diagnostic
from machdesc.model.file import DISK
from machdesc.source import NOT_REGULAR

_EXISTS = "is there already; --force writes over it"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.diagnostic import Diagnostic


def find_descriptions(paths: list[str]) -> list[str]:
    """The files that are named, and all `.md` and `.machdesc` files below the folders that are named."""
    found = []
    for path in paths:
        found += DISK.below(path) if DISK.is_folder(path) else [path]
    return found


def look_into_folders(paths: list[str]) -> list[Diagnostic]:
    """What is said of files in the folders that are named which `find_descriptions` does not give: folders
    that cannot be read are errors; raw descriptions under another suffix, and pipes, sockets and devices that
    are called as descriptions are, are warnings."""
    folders = [path for path in dict.fromkeys(paths) if DISK.is_folder(path)]
    if not folders:
        return []
    from machdesc.model.folder import overlooked

    specials = [name for folder in folders for name in DISK.special_below(folder)]
    found = [Diagnostic(WARNING, "not-regular", NOT_REGULAR, None, name=name) for name in specials]
    return [*found, *(diagnostic for folder in folders for diagnostic in overlooked(folder))]


def empty_folders(paths: list[str]) -> list[Diagnostic]:
    """What is said of those paths that are folders, when nothing in them is a description."""
    from machdesc.model.folder import empty_folder

    return [empty_folder(path) for path in paths if DISK.is_folder(path)]


def write_output(path: str, text: str, *, fresh: bool = False) -> None:
    """Writes what `-o` asks for; ends the command when that fails. `fresh`: a file must not be there yet."""
    from machdesc.cli.output import flush
    from machdesc.cli.report import fail
    from machdesc.writing import write_whole

    # It may be standard output: what was printed comes first.
    flush()
    try:
        write_whole(path, text, fresh=fresh)
    except BrokenPipeError:
        raise
    except FileExistsError:
        fail(f"{path}: {_EXISTS}")
    except OSError as failed:
        fail(f"{path}: {failed.strerror or failed}")


def refuse_existing(path: str, force: bool) -> None:
    """Ends the command when a regular file is there that nobody said to write over; a device or a pipe loses
    nothing."""
    from machdesc.cli.report import fail

    if is_regular(path) and not force:
        fail(f"{path}: {_EXISTS}")


def is_regular(path: str) -> bool:
    """Whether a path means a regular file, by its name: standard output (`/dev/stdout`) is another thing."""
    from machdesc.writing import own_descriptor

    return os.path.isfile(path) and own_descriptor(path) is None
