"""Reaching a monitor: what is told when nobody, or somebody else, is there."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from machdesc.live.child import QemuFailure
from machdesc.live.endpoint import Unreachable, open_endpoint

VERSION = b'{"qemu": {"micro": 0, "minor": 0, "major": 9}, "package": ""}'
GREETING = b'{"QMP": {"version": ' + VERSION + b', "capabilities": []}}\n'


@contextmanager
def server(path: Path, *said: bytes, answers: int = 0) -> Iterator[None]:
    """A server that says `said` to its first client, answers that many commands with `{}`, and hangs up
    on the next one."""

    def serve() -> None:
        client, _ = listener.accept()
        with client, suppress(OSError):
            for words in said:
                client.sendall(words)
            for _ in range(answers):
                # The client waits for each answer, so one question comes whole and alone.
                question = json.loads(client.recv(4096))
                answer = {"return": {}} | {key: question[key] for key in ("id",) if key in question}
                client.sendall(json.dumps(answer).encode() + b"\n")
            if answers:
                client.recv(4096)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            thread.join(10)


def refusal(where: object) -> str:
    with pytest.raises(Unreachable) as caught, open_endpoint(str(where), 0.3):
        pass
    return str(caught.value)


@pytest.mark.parametrize("form", ["{}", "unix:{}"])
@pytest.mark.parametrize("parts", [(GREETING,), (GREETING[:3], GREETING[3:])])
def test_a_monitor_is_asked(tmp_path: Path, form: str, parts: tuple[bytes, ...]) -> None:
    with server(tmp_path / "q", *parts, answers=2), open_endpoint(form.format(tmp_path / "q"), 5) as opened:
        endpoint, monitor = opened
        assert monitor.ask("query-name") == {}
        assert endpoint.directory() == Path.cwd()
        assert endpoint.root() == Path("/")


def test_an_end_in_the_middle_is_told(tmp_path: Path) -> None:
    with (
        server(tmp_path / "q", GREETING, answers=1),
        open_endpoint(str(tmp_path / "q"), 5) as (_, monitor),
        pytest.raises(QemuFailure, match="/q: QEMU closed the connection"),
    ):
        monitor.ask("query-name")


def test_nobody_there(tmp_path: Path) -> None:
    assert "no such socket" in refusal(tmp_path / "none")
    (tmp_path / "file").write_text("")
    assert "nobody listens there" in refusal(tmp_path / "file")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert "nobody listens there" in refusal(f"127.0.0.1:{taken.getsockname()[1]}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may reach every socket")
def test_somebody_elses(tmp_path: Path) -> None:
    with server(tmp_path / "q", GREETING):
        (tmp_path / "q").chmod(0)
        assert "run as the user who started QEMU" in refusal(tmp_path / "q")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"QEMU 10.0.13 monitor - type 'help' for more information\r\n(qemu) ", "the monitor for people"),
        (b'{\r\n    "QMP": {\r\n', "spreads its answers over lines (pretty=on)"),
        (b"login: ", "does not greet in QMP, but with 'login: '"),
        (b"", "closed before a greeting"),
    ],
)
def test_something_else_there(tmp_path: Path, said: bytes, told: str) -> None:
    with server(tmp_path / "q", *([said] if said else [])):
        assert told in refusal(tmp_path / "q")


def test_a_monitor_that_serves_another(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "q"))
        listener.listen()
        assert "serves one program at a time" in refusal(tmp_path / "q")


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("192.0.2.1:4444", "only monitors on loopback"),
        ("tcp:server.example:4444", "only monitors on loopback"),
        ("localhost:seven", "`seven` is no port"),
        ("localhost:70000", "`70000` is no port"),
    ],
)
def test_addresses_that_are_refused(where: str, told: str) -> None:
    assert told in refusal(where)
