"""A guard over a process: what it would write outside its folder, or start, is noted and does not happen.

Python's audit hooks cannot be taken away again, so only processes that are forked for this have one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_CHANGING = {
    "os.remove": 1, "os.rename": 2, "os.rmdir": 1, "os.mkdir": 1, "os.chmod": 1, "os.chown": 1, "os.link": 2,
    "os.symlink": 2, "os.truncate": 1, "os.utime": 1, "os.setxattr": 1, "os.removexattr": 1, "os.mkfifo": 1,
    "os.mknod": 1,
}  # fmt: skip
"""Audit events -> how many of their arguments are paths that would change."""

_STARTING = ("os.exec", "os.posix_spawn", "os.system", "os.spawn", "socket.connect", "socket.bind")

_DEVICES = ("/dev/null", "/dev/full")


class Guard:
    """Watches while `folder` is set. `noted` are the changes that nobody asked for; `words` are those of
    the command line: what lies below one of them was asked for, and does not happen either."""

    def __init__(self) -> None:
        self.folder = ""
        self.words: tuple[str, ...] = ()
        self.noted: list[str] = []

    def install(self) -> None:
        """Begins to watch, for as long as the process lives."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.folder:
            return
        hear = _HEARD.get(event)
        if hear is not None:
            hear(self, event, arguments)

    def _open(self, _: str, arguments: tuple[Any, ...]) -> None:
        path, _mode, flags = arguments
        if isinstance(flags, int) and flags & _WRITING and not isinstance(path, int):
            self._change(path)

    def _changed(self, event: str, arguments: tuple[Any, ...]) -> None:
        for path in arguments[: _CHANGING[event]]:
            if not isinstance(path, int):
                self._change(path)

    def _change(self, path: str | bytes) -> None:
        name = os.fsdecode(path)
        folder, base = os.path.split(os.path.abspath(name))
        real = os.path.join(os.path.realpath(folder), base)
        if real.startswith(self.folder + "/") or real in _DEVICES:
            return
        asked = {path(word) for word in self.words if word for path in (os.path.abspath, os.path.realpath)}
        if not any(real.startswith(path) for path in asked):
            self.noted.append(f"changes {name!r}")
        raise PermissionError(13, "outside the folder of the fuzzer", name)

    def _popen(self, _: str, arguments: tuple[Any, ...]) -> None:
        words = arguments[1]
        if not (isinstance(words, (list, tuple)) and words and words[0] == "git"):
            raise FileNotFoundError(2, "nothing is started by the fuzzer", str(words))

    def _start(self, event: str, _: tuple[Any, ...]) -> None:
        if event == "os.system":
            self.noted.append("runs a shell")
        raise PermissionError(13, "nothing is started by the fuzzer")


_HEARD: dict[str, Callable[[Guard, str, tuple[Any, ...]], None]] = {
    "open": Guard._open,
    "subprocess.Popen": Guard._popen,
    **dict.fromkeys(_CHANGING, Guard._changed),
    **dict.fromkeys(_STARTING, Guard._start),
}
