"""The last words of a program that failed: the end of what it wrote, and how it ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

STOP_SECONDS = 5.0
"""How long a program that failed may take to end."""

# GLib's own remarks carry process numbers and times: they would differ between two equal harvests.
_NOISE = re.compile(r"GLib")
_MOST_BYTES = 16384
_MOST_CHARACTERS = 400


def last_words(process: subprocess.Popen[bytes], written: BinaryIO) -> str:
    """Waits (shortly) for the end and says it: the last lines of what was written, and how it ended."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    code = process.returncode
    if code is None:
        ending = "still running"
    elif code < 0:
        known = -code in {number.value for number in signal.Signals}
        ending = f"ended by {signal.Signals(-code).name if known else f'signal {-code}'}"
    else:
        ending = f"exit status {code}"
    said = one_line(last_lines(written))
    return f"{said} ({ending})" if said else ending


def last_lines(written: BinaryIO) -> list[str]:
    """The last lines that were written to a file."""
    size = os.fstat(written.fileno()).st_size
    # Reading at a place of its own: the program shares the file's position, and writes where that is.
    text = os.pread(written.fileno(), _MOST_BYTES, max(0, size - _MOST_BYTES)).decode("utf-8", "replace")
    return [line.strip() for line in text.split("\n") if line.strip() and not _NOISE.search(line)]


def one_line(lines: list[str]) -> str:
    """The end of some lines, on one."""
    return "; ".join(lines)[-_MOST_CHARACTERS:]
