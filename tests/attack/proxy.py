"""A monitor between machdesc and a QEMU, which sees each question and each answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

Change = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
"""A question and its answer -> the answer to pass on."""


def messages(client: socket.socket) -> Iterator[dict[str, Any]]:
    """The questions of a client, which puts nothing between them."""
    decoder, rest = json.JSONDecoder(), ""
    while more := client.recv(1 << 16):
        rest += more.decode()
        while rest := rest.lstrip():
            try:
                question, end = decoder.raw_decode(rest)
            except ValueError:
                break
            rest = rest[end:]
            yield question


@contextmanager
def proxy(where: str, path: Path, change: Change) -> Iterator[None]:
    """Listens at `path`, for one client after another, and asks the monitor at `where`."""

    def serve(client: socket.socket) -> None:
        asked: dict[object, dict[str, Any]] = {}
        with socket.socket(socket.AF_UNIX) as qemu, client:
            qemu.connect(where)
            with qemu.makefile("rb") as answers:
                client.sendall(answers.readline())

                def pass_questions() -> None:
                    with suppress(OSError):
                        for question in messages(client):
                            asked[question.get("id")] = question
                            qemu.sendall(json.dumps(question).encode())
                    with suppress(OSError):
                        qemu.shutdown(socket.SHUT_RDWR)

                thread = threading.Thread(target=pass_questions)
                thread.start()
                with suppress(OSError):
                    for line in answers:
                        answer = json.loads(line)
                        question = asked.get(answer.get("id"))
                        if question is not None:
                            answer = change(question, answer)
                        client.sendall(json.dumps(answer).encode() + b"\r\n")
                thread.join()

    def listen() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if stopping:
                client.close()
                return
            serve(client)

    stopping: list[bool] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield
        finally:
            stopping.append(True)
            with socket.socket(socket.AF_UNIX) as last:
                last.connect(str(path))
            thread.join(10)
