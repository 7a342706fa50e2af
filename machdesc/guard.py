"""A QEMU ends with the machdesc that started it, also when that is killed by SIGKILL and can do nothing.

A shell, the *guardian*, waits in a session of its own at a pipe whose other end machdesc alone holds. QEMU's
process writes its number into the pipe before it becomes QEMU, so there is no moment in which it runs and is
unknown. However machdesc ends, the kernel closes its end; the guardian reads the end of the file and kills
QEMU's process group, and with it wrappers such as `chroot`, `env` and `sh -c`. `PR_SET_PDEATHSIG` would reach
the first of these alone, and fires when a thread ends.

Limits: a QEMU that runs as another user, as below `sudo`, may be killed by root only. Where there is no
`/bin/sh`, as on Windows, QEMU is ended by machdesc itself and not after a SIGKILL.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess

from machdesc.ending import end_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_SHELL = "/bin/sh"

_GUARD = 'read -r group && { read -r _; kill -s KILL -- "-$group"; }'
"""The guardian: a number, then nothing until the pipe is closed."""

_BECOME = 'echo "$$" >&0 && exec "$@" </dev/null'
"""What becomes the program: the write end is its standard input until then, and no program inherits it."""


class Guarded:
    """A program that runs in a session of its own, and ends with this process at the latest."""

    def __init__(
        self, process: subprocess.Popen[bytes], guardian: subprocess.Popen[bytes] | None, pipe: int
    ) -> None:
        self.process = process
        self._guardian = guardian
        self._pipe = pipe

    def end(self) -> None:
        """Ends the program and all below it; waits for no lock (see `machdesc.ending.held`).

        :raises PermissionError: when it runs as another user.
        """
        try:
            end_session(self.process)
        finally:
            # The guardian goes before the program's number is free for another.
            if self._guardian is not None:
                self._guardian.kill()
            pipe, self._pipe = self._pipe, -1
            if pipe >= 0:
                os.close(pipe)

    def forget(self) -> None:
        """Collects what has ended."""
        self.process.wait()
        if self._guardian is not None:
            self._guardian.wait()


def start_guarded(words: Sequence[str], **how: Any) -> Guarded:
    """Runs `words` with `subprocess.Popen`, guarded; its standard input is empty.

    :raises OSError: when there is no such program, or nothing can be run.
    """
    if os.name != "posix" or not os.path.exists(_SHELL):
        return Guarded(
            subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True, **how), None, -1
        )
    _require(words[0], how.get("env"))
    read, write = os.pipe()
    guardian = None
    try:
        guardian = subprocess.Popen(
            [_SHELL, "-c", _GUARD],
            stdin=read,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        program = [_SHELL, "-c", _BECOME, "machdesc", *words]
        process = subprocess.Popen(program, stdin=write, start_new_session=True, **how)
    except BaseException:
        os.close(write)
        if guardian is not None:
            guardian.wait()
        raise
    finally:
        os.close(read)
    return Guarded(process, guardian, write)


def _require(program: str, environment: dict[str, str] | None) -> None:
    """Raises what `Popen` would of a program that is not there: the shell would only print it."""
    path = os.pathsep.join(os.get_exec_path(environment))
    if shutil.which(program, path=path) is None:
        number = errno.EACCES if os.path.dirname(program) and os.path.exists(program) else errno.ENOENT
        raise OSError(number, os.strerror(number), program)
