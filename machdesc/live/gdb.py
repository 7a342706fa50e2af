"""QEMU's gdb server, as far as it takes to let the first processor carry out single instructions.

Its protocol is lines of `$words#sum` (gdb's manual, appendix E). The server is started over QMP, on a
socket that QEMU is handed.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from machdesc.live.child import QemuFailure, QemuHang
from machdesc.live.process import Process

_NAME = "machdesc-gdb"
_RECEIVE_BYTES = 1 << 16


class Gdb:
    """A connection to the gdb server of one QEMU."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._rest = b""

    def ask(self, words: str) -> str:
        """The answer to one packet. Raises `QemuFailure` when QEMU dies or hangs."""
        try:
            return self._ask(words)
        except TimeoutError as error:
            raise QemuHang("no answer to gdb") from error
        except (EOFError, OSError) as error:
            raise QemuFailure("ended while it was asked by gdb") from error

    def _ask(self, words: str) -> str:
        self._socket.sendall(f"${words}#{sum(words.encode()) & 0xFF:02x}".encode())
        while True:
            start = self._rest.find(b"$")
            end = self._rest.find(b"#", start)
            if start >= 0 and end >= 0 and len(self._rest) >= end + 3:
                answer = self._rest[start + 1 : end]
                self._rest = self._rest[end + 3 :]
                self._socket.sendall(b"+")
                return answer.decode()
            data = self._socket.recv(_RECEIVE_BYTES)
            if not data:
                raise EOFError
            self._rest += data

    def set_register(self, number: int, value: int, width: int) -> None:
        """Sets a register of `width` bytes; raises `RuntimeError` when QEMU refuses."""
        answer = self.ask(f"P{number:x}={value.to_bytes(width, 'little').hex()}")
        if answer != "OK":
            raise RuntimeError(f"register {number} cannot be set: {answer}")

    def registers(self) -> bytes:
        """All registers, as gdb orders them."""
        return bytes.fromhex(self.ask("g").replace("x", "0"))

    def step(self) -> None:
        """Carries out one instruction."""
        self.ask("s")


@contextmanager
def open_gdb(process: Process, patience: float = 60.0) -> Iterator[Gdb]:
    """A connection while the block lasts; the guest counts as running since then."""
    ours, theirs = socket.socketpair()
    with ours:
        ours.settimeout(patience)
        with theirs:
            process.monitor.give(_NAME, theirs.fileno())
            address = {"type": "fd", "data": {"str": _NAME}}
            backend = {"type": "socket", "data": {"addr": address, "server": False}}
            process.monitor.ask("chardev-add", id=_NAME, backend=backend)
        process.monitor.human(f"gdbserver chardev:{_NAME}")
        gdb = Gdb(ours)
        # Only to one who knows the target does QEMU give single registers.
        gdb.ask("qXfer:features:read:target.xml:0,fff")
        yield gdb
