"""Starts one QEMU with sockets that it inherits, and ends it whatever happens.

Each socket is one half of a socket pair: it needs no path, so it also works into a chroot, and
leaves nothing behind on a disk.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import BinaryIO

from machdesc.ending import held, scratch_folder
from machdesc.guard import Guarded, start_guarded
from machdesc.last_words import last_lines, last_words, one_line
from machdesc.surroundings import anchored, environment

_HAS_SECCOMP = b"expects 'on' or 'off'"
PATIENCE_SECONDS = 60.0
"""How long an answer of a QEMU may take."""


class QemuFailure(Exception):
    """A QEMU did not start, died or hung; the text is what it said last."""


class QemuHang(QemuFailure):
    """A QEMU runs but does not answer."""


class Child:
    """A running QEMU: its control socket, its qtest socket if it has one, and all that it writes."""

    questions: frozenset[str] | None = None
    """It is ours: it may be sent anything."""

    def __init__(
        self,
        guarded: Guarded,
        control: socket.socket,
        qtest: socket.socket | None,
        written: BinaryIO,
    ) -> None:
        self._guarded = guarded
        self._process = guarded.process
        self._written = written
        self.control = control
        self.qtest = qtest

    def last_words(self) -> str:
        """Waits (shortly) for the end and says it: the last lines that it wrote and how it ended."""
        return last_words(self._process, self._written)

    def ends_well(self, seconds: float) -> bool:
        """Whether it ends by itself within `seconds`, with exit status 0."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds) == 0
        return False

    def said(self) -> str:
        """The end of what it wrote, on one line."""
        return one_line(self.lines())

    def lines(self) -> list[str]:
        """The last lines that it wrote."""
        return last_lines(self._written)

    def root(self) -> Path:
        """The folder that it sees as `/`; `/` itself where that cannot be told."""
        try:
            return Path(os.readlink(f"/proc/{self._process.pid}/root"))
        except OSError:
            return Path("/")

    def kill(self) -> None:
        """Ends QEMU and the wrapper that it may run under; returns when it is gone."""
        self._guarded.end()

    def stop(self) -> None:
        """Ends QEMU and closes what led to it; raises `QemuFailure` when it may not be ended."""
        self.control.close()
        if self.qtest is not None:
            self.qtest.close()
        try:
            self.kill()
            self._guarded.forget()
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
    directory: Path | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Iterator[Child]:
    """Runs `command` with a QMP monitor and `arguments`, paused, for as long as the block lasts.

    `qtest` adds a qtest channel; `descriptors` are inherited, under the same numbers. It runs in `directory`,
    by default an empty one that is removed, with a minimal environment, and starts no program where its build
    can deny that; it says within `patience` seconds whether it can. Raises `QemuFailure` if it cannot be run.
    """
    if not command:
        raise QemuFailure("no program is named: a QEMU that can be started is needed")
    command = anchored(command)
    arguments = [*_confinement(tuple(command), patience), *arguments]
    with ExitStack() as stack:
        folder = directory or stack.enter_context(scratch_folder())
        start = partial(_start, command, arguments, qtest, descriptors, folder)
        child = stack.enter_context(held(start, _kill))
        try:
            yield child
        finally:
            child.stop()


@cache
def _confinement(command: tuple[str, ...], patience: float) -> tuple[str, ...]:
    """The arguments with which a QEMU denies itself to run a program or to become another user; none when it
    was built without that.

    A build with seccomp knows the option's keys, and refuses `help` as a value of the first one; a build
    without it has no such group of options (softmmu/qemu-seccomp.c, util/qemu-config.c of 7.2).
    """
    words = [*command, "-sandbox", "help"]
    start = partial(
        start_guarded, words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
    )
    said = b""
    try:
        with held(start, Guarded.end) as guarded, guarded.process:
            try:
                _, said = guarded.process.communicate(timeout=patience)
            finally:
                guarded.end()
                guarded.forget()
    except OSError:
        return ()  # the start itself says why
    except subprocess.TimeoutExpired as late:
        # Not without the sandbox: a busy host must not switch it off.
        told = f"{shlex.join(words)} does not end within {patience:g} seconds"
        raise QemuHang(told) from late
    return ("-sandbox", "on,elevateprivileges=deny,spawn=deny") if _HAS_SECCOMP in said else ()


def _start(
    command: Sequence[str],
    arguments: Sequence[str],
    qtest: bool,
    descriptors: Sequence[int],
    directory: Path,
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
        # In a session of its own: Ctrl-C must reach us only, and we end QEMU, else its death looks like a
        # fault of its own.
        guarded = start_guarded(
            [*words, *arguments],
            stdout=written,  # QEMU writes nothing there, but what is no QEMU may give its reason so
            stderr=written,
            pass_fds=(*numbers, *descriptors),
            cwd=directory,
            env=environment(),
        )
    except OSError as error:
        for end in ours:
            end.close()
        written.close()
        raise QemuFailure(f"cannot run {command[0]}: {error.strerror}") from error
    finally:
        for end in theirs:
            end.close()
    return Child(guarded, ours[0], ours[1] if qtest else None, written)


def _kill(child: Child) -> None:
    # `Child.stop` has told already of one that may not be ended.
    with suppress(PermissionError):
        child.kill()


def _socket_pairs(count: int) -> tuple[list[socket.socket], list[socket.socket]]:
    pairs = [socket.socketpair() for _ in range(count)]
    return [ours for ours, _ in pairs], [theirs for _, theirs in pairs]
