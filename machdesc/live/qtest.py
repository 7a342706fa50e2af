"""QEMU's qtest channel: reads and writes of memory and I/O ports, as a processor would do them.

It is a protocol of lines (system/qtest.c): `inl 0xcfc` is answered by `OK 0x29c08086`. Lines go out
in batches without waiting for each answer; one access takes a few microseconds.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from itertools import islice

from machdesc.live.child import Child, QemuFailure, QemuHang

_BATCH = 256
"""Lines that are sent before answers are read. QEMU stops reading while nobody reads its answers."""

_READ_BYTES = 1 << 20

_PORT = {1: "b", 2: "w", 4: "l"}
_MEMORY = {1: "b", 2: "w", 4: "l", 8: "q"}


class Refused(Exception):
    """QEMU refused a line; holds the line and QEMU's words."""


class Qtest:
    """A channel to the qtest server of one QEMU. `patience` is in seconds, per answer."""

    def __init__(self, child: Child, patience: float) -> None:
        if child.qtest is None:
            raise ValueError("the QEMU was started without a qtest channel")
        self._child = child
        self._socket = child.qtest
        self._patience = patience
        self._rest = b""
        self._socket.settimeout(patience)

    def ask_all(self, lines: Iterable[str]) -> list[str]:
        """The answers to many lines, in order, each without its `OK`.

        Raises `Refused` for QEMU's errors and `QemuFailure` when QEMU dies or hangs.
        """
        answers: list[str] = []
        stream = iter(lines)
        while batch := list(islice(stream, _BATCH)):
            self._send("".join(f"{line}\n" for line in batch).encode())
            answers += [self._answer(line) for line in batch]
        return answers

    def numbers(self, lines: Iterable[str]) -> list[int]:
        """The answers to lines of which each is answered by a number."""
        return [int(answer, 16) for answer in self.ask_all(lines)]

    def port(self, width: int, port: int) -> int:
        """What a read of `width` (1, 2, 4) bytes from an I/O port gives."""
        return self.numbers([read_port(width, port)])[0]

    def memory(self, address: int, size: int) -> bytes:
        """`size` bytes of guest memory, or of what is mapped there."""
        return self.memories([(address, size)])[0]

    def memories(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        """The contents of many (address, size)."""
        answers = self.ask_all(f"b64read {address:#x} {size:#x}" for address, size in places)
        return [base64.b64decode(answer) for answer in answers]

    def write(self, address: int, data: bytes) -> None:
        """Writes guest memory."""
        encoded = base64.b64encode(data).decode()
        self.ask_all([f"b64write {address:#x} {len(data):#x} {encoded}"])

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            raise QemuHang(f"takes no qtest line for {self._patience:.0f} seconds") from error
        except OSError as error:
            raise QemuFailure(self._child.last_words()) from error

    def _answer(self, line: str) -> str:
        answer = self._line()
        while answer.startswith("IRQ"):  # told in between, and no answer
            answer = self._line()
        word, _, rest = answer.partition(" ")
        if word != "OK":
            raise Refused(f"{line}: {answer}")
        return rest

    def _line(self) -> str:
        parts = []
        while True:
            line, found, rest = self._rest.partition(b"\n")
            parts.append(line)
            if found:
                self._rest = rest
                return b"".join(parts).decode()
            try:
                self._rest = self._socket.recv(_READ_BYTES)
            except TimeoutError as error:
                raise QemuHang(f"no qtest answer within {self._patience:.0f} seconds") from error
            except OSError as error:
                raise QemuFailure(self._child.last_words()) from error
            if not self._rest:
                raise QemuFailure(self._child.last_words())


def read_port(width: int, port: int) -> str:
    """The line that reads an I/O port."""
    return f"in{_PORT[width]} {port:#x}"


def write_port(width: int, port: int, value: int) -> str:
    """The line that writes an I/O port."""
    return f"out{_PORT[width]} {port:#x} {value:#x}"


def read_memory(width: int, address: int) -> str:
    """The line that reads memory in one access of `width` bytes."""
    return f"read{_MEMORY[width]} {address:#x}"


def write_memory(width: int, address: int, value: int) -> str:
    """The line that writes memory in one access of `width` bytes."""
    return f"write{_MEMORY[width]} {address:#x} {value:#x}"
