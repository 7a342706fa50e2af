"""The other side of vhost-user, as far as a guest that never runs needs it (docs/interop/vhost-user.rst).

It offers every feature, so what the front end then shows is what its own properties let through,
as with a host that can do all.
"""

from __future__ import annotations

import os
import socket
import struct
from contextlib import ExitStack

from machdesc.live.sandbox.server import receive

_HEADER = struct.Struct("<III")
_GET_FEATURES, _SET_LOG_BASE, _GET_VRING_BASE, _GET_PROTOCOL_FEATURES, _GET_QUEUE_NUM, _GET_CONFIG = (
    1,
    6,
    11,
    15,
    17,
    24,
)
_REPLY = 1 | 1 << 2
"""Version 1, and the mark of an answer."""

_ALL_FEATURES = (1 << 64) - 1
_PROTOCOL_FEATURES = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 5 | 1 << 9
"""More than one queue, a log of writes (else no state is saved), answers on demand, requests the other
way, and a config that can be read."""

_WANTS_ANSWER = 1 << 3

_QUEUES = 1024


def answer_vhost_user(connection: socket.socket) -> None:
    """Answers until the connection ends."""
    with ExitStack() as stack:
        while True:
            header, descriptors = receive(connection, _HEADER.size)
            request, flags, size = _HEADER.unpack(header)
            payload, more = receive(connection, size) if size else (b"", [])
            for descriptor in descriptors + more:
                # QEMU complains when its end of the way back is closed early.
                stack.callback(os.close, descriptor)
            reply = _reply(request, payload)
            if reply is None and flags & _WANTS_ANSWER:
                reply = struct.pack("<Q", 0)
            if reply is not None:
                connection.sendall(_HEADER.pack(request, _REPLY, len(reply)) + reply)


def _reply(request: int, payload: bytes) -> bytes | None:
    """What a request is answered with; None for one that has no answer."""
    if request == _GET_FEATURES:
        return struct.pack("<Q", _ALL_FEATURES)
    if request == _GET_PROTOCOL_FEATURES:
        return struct.pack("<Q", _PROTOCOL_FEATURES)
    if request == _GET_QUEUE_NUM:
        return struct.pack("<Q", _QUEUES)
    if request == _SET_LOG_BASE:
        return b""
    if request == _GET_VRING_BASE:
        return payload[:4] + bytes(4)
    if request == _GET_CONFIG:
        return payload[:12] + bytes(len(payload) - 12)
    return None
