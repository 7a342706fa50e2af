"""Starts one QEMU with sockets that it inherits, and ends it whatever happens.

Each socket is one half of a socket pair: it needs no path, so it also works into a chroot, and
leaves nothing behind on a disk.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from machdesc.ending import end_session, held

# GLib's own remarks carry process numbers and times: they would differ between two equal harvests.
_NOISE = re.compile(r"GLib")
_STOP_SECONDS = 5.0
_LAST_WORDS_BYTES = 16384
_LAST_WORDS_CHARACTERS = 400


class QemuFailure(Exception):
    """A QEMU did not start, died or hung; the text is what it said last."""


class QemuHang(QemuFailure):
    """A QEMU runs but does not answer."""


class Child:
    """A running QEMU: its control socket, its qtest socket if it has one, and all that it writes."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        control: socket.socket,
        qtest: socket.socket | None,
        written: BinaryIO,
    ) -> None:
        self._process = process
        self._written = written
        self.control = control
        self.qtest = qtest

    def last_words(self) -> str:
        """Waits (shortly) for the end and tells it: the last lines that it wrote and how it ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        code = self._process.returncode
        if code is None:
            ending = "still running"
        elif code < 0:
            ending = f"ended by {signal.Signals(-code).name}"
        else:
            ending = f"exit status {code}"
        said = self.said()
        return f"{said} ({ending})" if said else ending

    def ends_well(self, seconds: float) -> bool:
        """Whether it ends by itself within `seconds`, with exit status 0."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds) == 0
        return False

    def said(self) -> str:
        """The end of what it wrote, on one line."""
        return "; ".join(self.lines())[-_LAST_WORDS_CHARACTERS:]

    def lines(self) -> list[str]:
        """The last lines that it wrote."""
        size = os.fstat(self._written.fileno()).st_size
        # Reading at a place of its own: QEMU shares the file's position, and writes where that is.
        told = os.pread(self._written.fileno(), _LAST_WORDS_BYTES, max(0, size - _LAST_WORDS_BYTES))
        lines = told.decode("utf-8", "replace").split("\n")
        return [line.strip() for line in lines if line.strip() and not _NOISE.search(line)]

    def root(self) -> Path:
        """The folder that it sees as `/`; `/` itself where that cannot be told."""
        try:
            return Path(os.readlink(f"/proc/{self._process.pid}/root"))
        except OSError:
            return Path("/")

    def kill(self) -> None:
        """Ends QEMU and the wrapper that it may run under; returns when it is gone."""
        end_session(self._process)

    def stop(self) -> None:
        """Ends QEMU and closes what led to it; raises `QemuFailure` when it may not be ended."""
        self.control.close()
        if self.qtest is not None:
            self.qtest.close()
        try:
            self.kill()
            self._process.wait()
        except PermissionError as error:
            process = f"process {self._process.pid} and those below it"
            help = "end them, and run machdesc as the user of that QEMU instead"
            raise QemuFailure(f"{process} run as another user and could not be ended: {help}") from error
        finally:
            self._written.close()


@contextmanager
def start_child(
    command: Sequence[str],
    arguments: Sequence[str],
    *,
    qtest: bool = False,
    descriptors: Sequence[int] = (),
) -> Iterator[Child]:
    """Runs `command` with a QMP monitor and `arguments`, paused, for as long as the block lasts.

    `qtest` adds a qtest channel; `descriptors` are inherited, under the same numbers. Raises
    `QemuFailure` if it cannot be run at all.
    """
    with held(lambda: _start(command, arguments, qtest, descriptors), _kill) as child:
        try:
            yield child
        finally:
            child.stop()


def _start(
    command: Sequence[str], arguments: Sequence[str], qtest: bool, descriptors: Sequence[int]
) -> Child:
    ours, theirs = _socket_pairs(2 if qtest else 1)
    numbers = [end.fileno() for end in theirs]
    words = [*command, "-nodefaults", "-no-user-config", "-S", "-display", "none"]
    words += ["-chardev", f"socket,id=machdesc-control,fd={numbers[0]}", "-qmp", "chardev:machdesc-control"]
    if qtest:
        # Up to 8.x, QEMU looks for a character device of exactly this name (softmmu/qtest.c).
        words += ["-chardev", f"socket,id=qtest,fd={numbers[1]}", "-qtest", "chardev:qtest"]
        words += ["-qtest-log", "none"]
    written = tempfile.TemporaryFile()  # noqa: SIM115 (Child closes it)
    try:
        process = subprocess.Popen(
            [*words, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=written,  # QEMU writes nothing there, but what is no QEMU may give its reason so
            stderr=written,
            pass_fds=(*numbers, *descriptors),
            # Ctrl-C must reach us only, and we end QEMU: else its death looks like a fault of its own.
            start_new_session=True,
        )
    except OSError as error:
        for end in ours:
            end.close()
        written.close()
        raise QemuFailure(f"cannot run {command[0]}: {error.strerror}") from error
    finally:
        for end in theirs:
            end.close()
    return Child(process, ours[0], ours[1] if qtest else None, written)


def _kill(child: Child) -> None:
    # `Child.stop` has told already of one that may not be ended.
    with suppress(PermissionError):
        child.kill()


def _socket_pairs(count: int) -> tuple[list[socket.socket], list[socket.socket]]:
    pairs = [socket.socketpair() for _ in range(count)]
    return [ours for ours, _ in pairs], [theirs for _, theirs in pairs]
