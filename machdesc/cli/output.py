"""What the command prints: the only module that writes to standard output and standard error.

Messages (`say`, standard error) and results for people (`put`, standard output) hold foreign texts: names
of files, values, answers of QEMU and git. Each is printed on one line, with escapes for what is not
printable (`machdesc.diagnostic.printable`), and no line is a command of a CI system. Data for programs
(`emit`) is exact.

A stream whose encoding is not UTF-8 gets escapes for what it cannot hold. What cannot be written ends the
command with exit code 2, except that a reader who has gone away is no error (141, as shells have it).
"""

from __future__ import annotations

import os
import sys

from machdesc.diagnostic import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

PLAIN, JSON, XML = "plain", "json", "xml"
"""Forms of data: a character that standard output cannot hold is written `\\xfc`, `\\u00fc`, `&#252;`."""

CLEAR = "\r\033[K"
"""What clears the line that a terminal is in."""

_NAMES = {1: "standard output", 2: "standard error"}
_LOGGING = ("##[", "##vso[", "##teamcity[")
"""Commands in a line of a log, of GitHub's runner (ActionCommand.TryParse), Azure Pipelines and TeamCity."""


class Unwritable(Exception):
    """Standard output or standard error cannot be written; the message is why."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"{_NAMES[number]}: {reason}")
        self.number = number


def say(message: str) -> None:
    """A message on standard error, on one line."""
    _write(2, inert(printable(message)) + "\n")


def say_rendered(text: str) -> None:
    """A text of lines on standard error, in which foreign texts are escaped already."""
    _write(2, inert(text))


def put(*lines: str) -> None:
    """Lines of a result for people, on standard output."""
    _write(1, "".join(inert(printable(line)) + "\n" for line in lines))


def put_rendered(text: str) -> None:
    """A text of lines on standard output, in which foreign texts are escaped already."""
    _write(1, inert(text))


def emit(text: str, form: str = PLAIN) -> None:
    """Data on standard output, as it is."""
    if form != PLAIN and not _holds_unicode(sys.stdout):
        if form == JSON:
            from machdesc.json_text import ascii_json

            text = ascii_json(text)
        else:
            text = text.encode("ascii", "xmlcharrefreplace").decode()
    _write(1, text)


def emit_bytes(data: bytes) -> None:
    """Bytes on standard output."""
    flush()
    try:
        sys.stdout.buffer.write(data)
    except BrokenPipeError:
        raise
    except OSError as failed:
        raise Unwritable(1, failed.strerror or str(failed)) from failed


def status(text: str) -> None:
    """Writes over the line of the terminal that standard error is, without ending it."""
    _write(2, CLEAR + text)
    sys.stderr.flush()


def is_terminal(number: int) -> bool:
    """Whether standard output (1) or standard error (2) is a terminal."""
    return _stream(number).isatty()


def wants_color(choice: str, number: int) -> bool:
    """Whether to color what goes to standard output (1) or standard error (2), as `--color` says
    (NO_COLOR: see the convention of that name)."""
    if choice == "auto":
        return is_terminal(number) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return choice == "always"


def prepare() -> None:
    """Makes the streams of the process fit to be written to: at its start."""
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        _open_closed()
    stream = sys.stdout
    if not _holds_unicode(stream) and stream.errors in ("strict", "surrogateescape"):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def flush() -> None:
    """Hands over what waits in a buffer.

    :raises Unwritable: when it cannot be written.
    :raises BrokenPipeError: when its reader has gone away.
    """
    for number in (1, 2):
        try:
            _stream(number).flush()
        except BrokenPipeError:
            raise
        except OSError as failed:
            raise Unwritable(number, failed.strerror or str(failed)) from failed


def silence(*numbers: int) -> None:
    """Lets what waits in the buffers of streams go nowhere, since Python complains of it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in numbers:
        os.dup2(nowhere, number)


def _stream(number: int) -> TextIO:
    return sys.stdout if number == 1 else sys.stderr


def _write(number: int, text: str) -> None:
    stream = _stream(number)
    try:
        stream.write(text)
    except UnicodeEncodeError:
        # A lone byte of a file's name, in data: the byte itself.
        flush()
        try:
            stream.buffer.write(text.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError:
            stream.write(text.encode("utf-8", "backslashreplace").decode())
    except BrokenPipeError:
        raise
    except OSError as failed:
        raise Unwritable(number, failed.strerror or str(failed)) from failed


def _holds_unicode(stream: TextIO) -> bool:
    """Whether a stream is UTF-8; one in memory has no encoding."""
    return (stream.encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8")


def _open_closed() -> None:
    """Opens what was closed at the start (`>&-`), so that no file of ours gets its number.

    Standard output is opened for reading, so that writing to it fails.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_RDWR)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, flags), True)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115


def inert(text: str) -> str:
    """The text such that a CI system takes none of its lines for a command.

    GitHub's runner takes a line that begins with `::`, behind spaces (ActionCommand.TryParseV2).
    """
    if "##" in text:
        for command in _LOGGING:
            text = text.replace(command, "#\\x23" + command[2:])
    if "::" in text:
        lines = text.split("\n")
        for place, line in enumerate(lines):
            if line.lstrip().startswith("::"):
                lines[place] = line.replace(":", "\\x3a", 1)
        text = "\n".join(lines)
    return text
