"""Reaches the QMP monitor of a QEMU that somebody else runs, which is only asked, never ended.

A monitor is a unix socket, or a port of this machine's loopback: it gives whoever reaches it all
that QEMU may do, so no other machine's is spoken to. A monitor serves one client at a time; a
second one is accepted by the kernel and then hears nothing (chardev/char-socket.c).
"""

from __future__ import annotations

import errno
import ipaddress
import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machdesc.live.child import QemuFailure
from machdesc.live.monitor import Monitor
from machdesc.live.question import READING

PATIENCE_SECONDS = 10.0
_PEEK_BYTES = 256
_GREETING = b'{"QMP":'
"""How a greeting begins, without its spaces."""

_CREDENTIALS = struct.Struct("3i")
_POLL_SECONDS = 0.02


class Unreachable(QemuFailure):
    """Nobody answers at a monitor, or not in QMP; the text says what is there and what to do."""


class Endpoint:
    """A connected monitor: `where` is what the user called it."""

    questions: frozenset[str] | None = READING
    """It is somebody else's: it is only read."""

    def __init__(self, where: str, control: socket.socket) -> None:
        self.control = control
        self._where = where

    def last_words(self) -> str:
        """What is known of the end of a QEMU that is not ours."""
        return f"{self._where}: QEMU closed the connection"

    def said(self) -> str:
        """What it wrote, which goes to somebody else."""
        return ""

    def root(self) -> Path:
        """The folder that QEMU sees as `/`; `/` itself where that cannot be told."""
        process = self._process()
        try:
            return Path(os.readlink(f"/proc/{process}/root")) if process else Path("/")
        except OSError:
            return Path("/")

    def directory(self) -> Path:
        """The working folder of QEMU; the current one where that cannot be told."""
        process = self._process()
        try:
            return Path(os.readlink(f"/proc/{process}/cwd")) if process else Path.cwd()
        except OSError:
            return Path.cwd()

    def command_line(self) -> list[str]:
        """The words that QEMU was started with, the program first; none where that cannot be told."""
        process = self._process()
        try:
            words = Path(f"/proc/{process}/cmdline").read_bytes() if process else b""
        except OSError:
            return []
        return [word.decode("utf-8", "surrogateescape") for word in words.split(b"\0")[:-1]]

    def read_file(self, name: str) -> str:
        """The text of a file that QEMU calls by this name.

        :raises OSError: when it cannot be read from here.
        """
        path = self.directory() / name
        return (
            (self.root() / path.relative_to("/")).read_text("utf-8")
            if name[:1] == "/"
            else path.read_text("utf-8")
        )

    def _process(self) -> int:
        """The number of the process at the other end; 0 where the kernel does not tell."""
        if self.control.family != socket.AF_UNIX or not hasattr(socket, "SO_PEERCRED"):
            return 0
        told = self.control.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        process: int = _CREDENTIALS.unpack(told)[0]
        return process


@contextmanager
def open_endpoint(where: str, patience: float = PATIENCE_SECONDS) -> Iterator[tuple[Endpoint, Monitor]]:
    """Talks to the monitor at `where` while the block lasts; QEMU goes on afterwards.

    `where` is the path of a unix socket, also written `unix:PATH`, or `HOST:PORT`, also written
    `tcp:HOST:PORT`. Waits up to `patience` seconds for the greeting and for each answer.

    :raises Unreachable: when nobody answers there in QMP.
    """
    control = _connect(where, patience)
    try:
        _await_greeting(where, control, patience)
        control.settimeout(None)
        endpoint = Endpoint(where, control)
        monitor = Monitor(endpoint, patience)
        try:
            yield endpoint, monitor
        finally:
            monitor.close()
    finally:
        control.close()


def _connect(where: str, patience: float) -> socket.socket:
    try:
        host, port = _host_and_port(where)
        if port:
            return _connect_port(where, host, port, patience)
        return _connect_path(where, where.removeprefix("unix:"), patience)
    except OSError as error:
        raise Unreachable(f"{where}: {_reason(error)}") from error


def _host_and_port(where: str) -> tuple[str, int]:
    """The host and port that a text names; port 0 when it is a path."""
    words = where.removeprefix("tcp:")
    host, colon, port = words.rpartition(":")
    if not colon or "/" in words or where.startswith("unix:") or Path(where).exists():
        return "", 0
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise Unreachable(f"{where}: `{port}` is no port: write HOST:PORT, or unix:PATH for a socket's path")
    return host.strip("[]") or "localhost", int(port)


def _connect_port(where: str, host: str, port: int, patience: float) -> socket.socket:
    if host != "localhost":
        try:
            loopback = ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise Unreachable(
                f"{where}: only monitors on loopback are spoken to, since QMP has neither passwords nor "
                "encryption: forward the port, for example with ssh -L, and name the near end"
            )
    return socket.create_connection((host, port), patience)


def _connect_path(where: str, path: str, patience: float) -> socket.socket:
    control = socket.socket(socket.AF_UNIX)
    try:
        control.settimeout(patience)
        control.connect(path)
    except OSError:
        control.close()
        raise
    return control


def _reason(error: OSError) -> str:
    reasons = {
        errno.ENOENT: "no such socket; is it the path given to QEMU's -qmp unix:PATH,server=on,wait=off, "
        "seen from this folder?",
        errno.ECONNREFUSED: "nobody listens there: that QEMU has ended, or it was started without "
        "server=on,wait=off",
        errno.EACCES: "permission denied: run as the user who started QEMU",
        errno.EPERM: "permission denied: run as the user who started QEMU",
        errno.ENOTSOCK: "is no socket",
        errno.EAGAIN: "too many programs wait for this monitor already; it serves one at a time",
    }
    return reasons.get(error.errno or 0, error.strerror or str(error))


def _await_greeting(where: str, control: socket.socket, patience: float) -> None:
    """Waits until the peer has said something, and refuses what is no QMP; takes nothing away."""
    deadline = time.monotonic() + patience
    while True:
        ready, _, _ = select.select([control], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise Unreachable(
                f"{where}: no greeting within {patience:g} seconds. A monitor serves one program at a time, "
                "and another one may be connected, such as libvirt: end it, or give QEMU a second -qmp"
            )
        try:
            said = control.recv(_PEEK_BYTES, socket.MSG_PEEK)
        except ConnectionError:
            said = b""
        if not said:
            raise Unreachable(f"{where}: the connection was closed before a greeting")
        words = b"".join(said.split())
        if words.startswith(_GREETING):
            if said[1:2] in b"\r\n":
                raise Unreachable(
                    f"{where}: the monitor spreads its answers over lines (pretty=on), which the client "
                    "does not read: give QEMU another -qmp, or a -mon without pretty=on"
                )
            return
        if _GREETING.startswith(words) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            continue
        if b"(qemu)" in said or said.startswith(b"QEMU "):
            raise Unreachable(f"{where}: this is the monitor for people (HMP): name the socket of -qmp")
        raise Unreachable(
            f"{where}: does not greet in QMP, but with {said[:40].decode('ascii', 'backslashreplace')!r}"
        )
