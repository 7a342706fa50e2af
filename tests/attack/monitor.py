"""A guest that runs, from recorded answers: commands that are given `--qmp` see these, and no socket."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from qemu.qmp import ExecuteError, Message, QMPClient
from qemu.qmp.models import ErrorResponse

from machdesc.live.conversation import Conversation
from machdesc.live.endpoint import Endpoint
from machdesc.live.monitor import Monitor

RECORDED = Path(__file__).parent / "recorded.json"

Answers = dict[str, Any]
"""Question (`key_of`) -> `{"return": …}` or `{"error": …}`."""


def key_of(command: str, arguments: Mapping[str, Any]) -> str:
    """A question as one text."""
    return " ".join([command, *(str(arguments[name]) for name in sorted(arguments))])


def recorded() -> dict[str, Any]:
    """`line`, `guest` and `answers`."""
    content: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return content


class Client:
    """What `Conversation` uses of a QMP client."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def execute(self, command: str, arguments: Mapping[str, Any]) -> object:
        """The recorded answer; an error where there is none, as for an object that is gone."""
        self.asked.append(command)
        answer = self._answers.get(key_of(command, arguments))
        if answer is None:
            answer = {"error": {"class": "GenericError", "desc": "was not recorded"}}
        if "error" in answer:
            raise ExecuteError(ErrorResponse(answer), Message({}), Message({}))
        return answer["return"]

    async def disconnect(self) -> None:
        """Nothing is connected."""


class _Recorded(Monitor):
    def __init__(self, client: Client, endpoint: Endpoint) -> None:
        self._loop = asyncio.new_event_loop()
        self._conversation = Conversation(cast(QMPClient, client), endpoint, 10.0)


class _Endpoint(Endpoint):
    def __init__(self, control: socket.socket, line: list[str]) -> None:
        super().__init__("recorded", control)
        self._line = line

    def command_line(self) -> list[str]:
        return ["qemu-system-x86_64", *self._line]


def use(patch: pytest.MonkeyPatch, client: Client, line: list[str]) -> None:
    """Lets commands see these answers, whatever `--qmp` says."""

    @contextmanager
    def open_endpoint(_where: str, _patience: float = 0.0) -> Iterator[tuple[Endpoint, Monitor]]:
        with socket.socket(socket.AF_UNIX) as control:
            endpoint = _Endpoint(control, line)
            monitor = _Recorded(client, endpoint)
            try:
                yield endpoint, monitor
            finally:
                monitor.close()

    patch.setattr("machdesc.live.endpoint.open_endpoint", open_endpoint)
