"""Answers to a QEMU in place of a program that a back end would need, on a socket without a file.

The socket's name is abstract (unix(7)): it is no path, so QEMU reaches it from a chroot too, and
nothing stays when it is closed.
"""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

Server = Callable[[socket.socket], None]
"""Answers on one connection until the other side closes it."""

_numbers = itertools.count()


@contextmanager
def listening(server: Server) -> Iterator[str]:
    """The name of an abstract socket at which `server` answers while the block lasts."""
    name = f"machdesc-{os.getpid()}-{next(_numbers)}"
    connections: list[socket.socket] = []
    threads: list[Thread] = []

    def answer(connection: socket.socket) -> None:
        # The other side goes away when it likes.
        with suppress(OSError, EOFError):
            server(connection)

    def accept() -> None:
        with suppress(OSError):  # the listener was shut down
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                thread = Thread(target=answer, args=(connection,), daemon=True)
                threads.append(thread)
                thread.start()

    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with listener:
        listener.bind(f"\0{name}")
        listener.listen()
        acceptor = Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield name
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
            for connection in connections:
                connection.close()


def receive(connection: socket.socket, size: int) -> tuple[bytes, list[int]]:
    """Exactly `size` bytes and the file descriptors that came along. Raises `EOFError` at the end."""
    content = b""
    descriptors: list[int] = []
    while len(content) < size:
        data, more, _, _ = socket.recv_fds(connection, size - len(content), 16)
        descriptors += more
        if not data:
            raise EOFError
        content += data
    return content, descriptors
