"""Starts one QEMU with a QMP socket, and ends it whatever happens.

The socket is one half of a socket pair that QEMU inherits: it needs no path, so it also works
into a chroot, and leaves nothing behind on a disk.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import BinaryIO

# GLib's own remarks carry process numbers and times: they would differ between two equal harvests.
_NOISE = re.compile(r"GLib")
_STOP_SECONDS = 5.0
_LAST_WORDS_BYTES = 4096
_LAST_WORDS_CHARACTERS = 400


class QemuFailure(Exception):
    """A QEMU did not start, died or hung; the text is what it said last."""


class QemuHang(QemuFailure):
    """A QEMU runs but does not answer."""


class Process:
    """A running QEMU: its control socket and what it says on standard error."""

    def __init__(self, child: asyncio.subprocess.Process, control: socket.socket, errors: BinaryIO) -> None:
        self._child = child
        self._errors = errors
        self.control = control

    async def last_words(self) -> str:
        """Waits (shortly) for the end and tells it: the last lines of standard error and how it ended."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._child.wait(), _STOP_SECONDS)
        code = self._child.returncode
        if code is None:
            ending = "still running"
        elif code < 0:
            ending = f"ended by {signal.Signals(-code).name}"
        else:
            ending = f"exit status {code}"
        said = self._said()
        return f"{said} ({ending})" if said else ending

    async def stop(self) -> None:
        """Ends QEMU and the wrapper that it may run under; returns when it is gone."""
        self.control.close()
        if self._child.returncode is None:
            self._signal(signal.SIGKILL)
            await self._child.wait()
        self._errors.close()

    def _said(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _LAST_WORDS_BYTES))
        lines = self._errors.read().decode("utf-8", "replace").split("\n")
        told = [line.strip() for line in lines if line.strip() and not _NOISE.search(line)]
        return "; ".join(told)[-_LAST_WORDS_CHARACTERS:]

    def _signal(self, number: signal.Signals) -> None:
        # The child leads a session of its own, so this reaches QEMU below `sudo` or `env` too.
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, number)


@asynccontextmanager
async def start_process(binary: Sequence[str], arguments: Sequence[str]) -> AsyncIterator[Process]:
    """Runs `binary` with a QMP monitor and `arguments` for as long as the block lasts.

    Raises `QemuFailure` if it cannot be run at all.
    """
    ours, theirs = socket.socketpair()
    errors = tempfile.TemporaryFile()  # noqa: SIM115 (Process closes it)
    descriptor = theirs.fileno()
    try:
        child = await asyncio.create_subprocess_exec(
            *binary,
            *("-nodefaults", "-no-user-config", "-S", "-display", "none"),
            *("-chardev", f"socket,id=machdesc-control,fd={descriptor}"),
            *("-qmp", "chardev:machdesc-control"),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=errors,
            pass_fds=(descriptor,),
            # Ctrl-C must reach us only, and we end QEMU: else its death looks like a fault of its own.
            start_new_session=True,
        )
    except OSError as error:
        ours.close()
        errors.close()
        raise QemuFailure(f"cannot run {binary[0]}: {error.strerror}") from error
    finally:
        theirs.close()
    process = Process(child, ours, errors)
    try:
        yield process
    finally:
        await process.stop()
