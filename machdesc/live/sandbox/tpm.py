"""The other side of QEMU's TPM emulator back end, as far as a guest that never runs needs it.

QEMU asks it over one socket what it can do (hw/tpm/tpm_ioctl.h: everything big-endian), and over
another, which it hands over, whether it is a TPM 1.2 or 2.0. It says 2.0, and has no state.
"""

from __future__ import annotations

import socket
import struct
from contextlib import ExitStack, suppress
from threading import Thread

from machdesc.live.sandbox.server import receive

_CAPABILITIES = 0xFFFF
_OK = struct.pack(">I", 0)
_SET_DATA_DESCRIPTOR = 0x10
_ANSWERS = {
    0x01: (0, struct.pack(">II", 0, _CAPABILITIES)),
    0x02: (4, _OK),  # INIT
    0x03: (0, _OK),  # SHUTDOWN
    0x04: (0, struct.pack(">IB3x", 0, 0)),  # GET_TPMESTABLISHED
    0x05: (4, _OK),  # SET_LOCALITY
    0x09: (0, _OK),  # CANCEL_TPM_CMD
    0x0A: (0, _OK),  # STORE_VOLATILE
    0x0B: (4, _OK),  # RESET_TPMESTABLISHED
    0x0C: (12, struct.pack(">IIII", 0, 0, 0, 0)),  # GET_STATEBLOB
    0x0E: (0, _OK),  # STOP
    _SET_DATA_DESCRIPTOR: (0, _OK),
}
"""Command -> the size of its request, and its answer."""

_SET_BUFFER_SIZE = 0x11
_BUFFER_BYTES = 4096
_TPM2_ANSWER = struct.pack(">HII", 0x8001, 10, 0)
"""Header of an answer of a TPM 2.0 without sessions: success."""


def answer_tpm(connection: socket.socket) -> None:
    """Answers on the control socket until it ends."""
    with ExitStack() as stack:
        while True:
            word, descriptors = receive(connection, 4)
            for descriptor in descriptors:
                data = stack.enter_context(socket.socket(fileno=descriptor))
                thread = Thread(target=_answer_data, args=(data,), daemon=True)
                stack.callback(thread.join)
                stack.callback(_shut, data)
                thread.start()
            (command,) = struct.unpack(">I", word)
            if command == _SET_BUFFER_SIZE:
                receive(connection, 4)
                connection.sendall(struct.pack(">IIII", 0, _BUFFER_BYTES, _BUFFER_BYTES, _BUFFER_BYTES))
                continue
            size, answer = _ANSWERS.get(command, (0, struct.pack(">I", 0x0A)))  # a bad ordinal
            if size:
                receive(connection, size)
            connection.sendall(answer)


def _answer_data(data: socket.socket) -> None:
    with suppress(OSError, EOFError):
        while True:
            header, _ = receive(data, 10)
            (size,) = struct.unpack_from(">I", header, 2)
            if size > 10:
                receive(data, size - 10)
            data.sendall(_TPM2_ANSWER)


def _shut(data: socket.socket) -> None:
    with suppress(OSError):
        data.shutdown(socket.SHUT_RDWR)
