"""Source texts: reading a file, finding the machdesc blocks in it, and telling places.

After this phase: a `Source` holds the whole text of a file and the regions of it that are
machdesc. Positions everywhere else are character offsets into that text, so lines and columns
are those that an editor shows, also in literate files.
"""

from __future__ import annotations

import os

from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import BufferedReader

MAX_BYTES = 1 << 20
"""Largest file that is read, in bytes; a description of a thousand devices has a tenth."""

NOT_REGULAR = "is not a regular file"
"""What is said of a pipe, a socket or a device."""

FORMATTER_PRONE_NOTE = (
    "a Markdown formatter will damage a raw file; call it `.machdesc`, or put the text in a ```machdesc block"
)


class Region(Record):
    """A stretch `[start, end)` of a source, in characters, that holds whole statements."""

    start: int
    end: int


class Source(Record):
    """One text: its name as the user gave it, all its characters, and its machdesc regions."""

    name: str
    text: str
    literate: bool
    regions: tuple[Region, ...]

    def location(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1, columns in characters."""
        from bisect import bisect_right

        starts = _line_starts(self.text)
        number = bisect_right(starts, offset)
        return number, offset - starts[number - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        starts = _line_starts(self.text)
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r")


_known_starts: dict[str, list[int]] = {}
_MAX_KNOWN = 8


def _line_starts(text: str) -> list[int]:
    """The offsets at which the lines of a text begin.

    They are kept for the texts asked about last: a text of a megabyte may have thousands of
    findings, and counting its lines for each of them would take minutes.
    """
    starts = _known_starts.get(text)
    if starts is None:
        if len(_known_starts) >= _MAX_KNOWN:
            _known_starts.clear()
        starts = [0]
        while (found := text.find("\n", starts[-1])) >= 0:
            starts.append(found + 1)
        _known_starts[text] = starts
    return starts


class UnreadableSource(Exception):
    """A file cannot be read as text; the message says why and what to do."""


def is_inherited(path: str) -> bool:
    """Whether a path names a descriptor that this process was started with, as shells write `<(…)`."""
    for folder in ("/dev/fd/", "/proc/self/fd/"):
        if path.startswith(folder):
            return path[len(folder) :].isdecimal()
    return path == "/dev/stdin"


def open_regular(path: str | os.PathLike[str], inherited: bool = False) -> BufferedReader:
    """Opens a regular file for reading; every file that is read is opened here.

    Nothing waits for the other end of a pipe, and no device is read; only with `inherited` any descriptor
    is that this process was started with. What is opened is judged, not what the path named before.

    :raises OSError: when it cannot be read, or is not a regular file.
    """
    from errno import EISDIR, ENXIO
    from stat import S_ISDIR, S_ISREG

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno == ENXIO:  # a socket
            raise _not_regular(path) from error
        raise
    try:
        mode = os.fstat(descriptor).st_mode
        if S_ISDIR(mode):
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR), os.fspath(path))
        if not S_ISREG(mode):
            if not (inherited and is_inherited(os.fspath(path))):
                raise _not_regular(path)
            os.set_blocking(descriptor, True)
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _not_regular(path: str | os.PathLike[str]) -> OSError:
    from errno import EINVAL

    return OSError(EINVAL, NOT_REGULAR, os.fspath(path))


def read_bytes(path: str | os.PathLike[str], most: int, inherited: bool = False) -> bytes:
    """The content of a regular file, at most `most` bytes of it and one more.

    :raises OSError: when it cannot be read, or is not a regular file.
    """
    with open_regular(path, inherited) as file:
        return file.read(most + 1)


def read_source(path: str, inherited: bool = False) -> Source:
    """Reads a regular file; with `inherited`, `/dev/stdin` and the like too.

    :raises UnreadableSource: when it is missing, not regular, too large, or not UTF-8.
    """
    try:
        data = read_bytes(path, MAX_BYTES, inherited)
    except OSError as error:
        raise UnreadableSource(f"{error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise UnreadableSource(f"larger than {MAX_BYTES} bytes, which is the limit for a description")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableSource(f"not UTF-8 text: byte {data[error.start]:#04x} in line {line}") from error
    return source_of(text, os.fspath(path))


def source_of(text: str, name: str = "<text>") -> Source:
    """Finds the machdesc regions of a text: all of a raw one, the fenced blocks of a literate one."""
    start = int(text.startswith("\ufeff"))
    if text.startswith("machdesc", start):
        words = text[start + len("machdesc") :]
        version = words.lstrip(" \t")
        if words[:1] in (" ", "\t") and version[:1].isdecimal():
            return Source(name, text, False, (Region(start, len(text)),))
    return Source(name, text, True, tuple(_fenced_regions(text)))


def _fenced_regions(text: str) -> list[Region]:
    """The insides of all fenced code blocks whose info string begins with the word machdesc.

    Fences are those of CommonMark 0.31, section 4.5: a closing fence is of the same character,
    at least as long, and has no info string; a block that is never closed ends with the text.
    """
    regions = []
    opened: tuple[str, bool, int] | None = None
    for start, end in _fence_lines(text):
        line = text[start:end].lstrip(" ")
        rest = line.lstrip(line[0])
        fence, info = line[: len(line) - len(rest)], rest.strip()
        if opened is None:
            if fence[0] == "`" and "`" in info:
                continue
            words = info.split(None, 1)
            opened = fence, bool(words) and words[0] == "machdesc", min(end + 1, len(text))
        elif fence[0] == opened[0][0] and len(fence) >= len(opened[0]) and not info:
            if opened[1]:
                regions.append(Region(opened[2], start))
            opened = None
    if opened is not None and opened[1]:
        regions.append(Region(opened[2], len(text)))
    return regions


def _fence_lines(text: str) -> list[tuple[int, int]]:
    """Start and end of each line that begins, after at most three spaces, with a fence."""
    lines: dict[int, int] = {}
    for fence in ("```", "~~~"):
        found = text.find(fence)
        while found >= 0:
            start = text.rfind("\n", 0, found) + 1
            end = text.find("\n", found)
            end = end if end >= 0 else len(text)
            if found - start <= 3 and not text[start:found].strip(" "):
                lines[start] = end
            found = text.find(fence, end)
    return sorted(lines.items())
