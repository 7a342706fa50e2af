"""A QMP conversation with one QEMU: single questions, and many at once.

Questions go out in batches without waiting for each answer, which is what makes a harvest quick.
A QEMU that goes away or stays silent ends the conversation with `QemuFailure`.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from qemu.qmp import ConnectError, ExecInterruptedError, ExecuteError, QMPClient, QMPError, StateError

from machdesc.live.child import QemuFailure, QemuHang, start_child

Question = tuple[str, Mapping[str, object]]
"""A QMP command and its arguments."""

PATIENCE_SECONDS = 60.0
_READ_BUFFER_BYTES = 64 * 1024 * 1024


class Peer(Protocol):
    """A QEMU that can be asked: a child of ours, or one that somebody else runs."""

    control: socket.socket
    """Connected to its QMP monitor."""

    def last_words(self) -> str:
        """Why it does not answer any more."""
        ...

    def said(self) -> str:
        """What it has written last, as far as that is known."""
        ...

    def root(self) -> Path:
        """The folder that it sees as `/`."""
        ...


class Refusal(Exception):
    """QEMU answered a question with an error; the text is QEMU's."""


class Conversation:
    """Asks one running QEMU."""

    def __init__(self, client: QMPClient, peer: Peer, patience: float) -> None:
        self._client = client
        self._patience = patience
        self._peer = peer

    async def ask(self, command: str, **arguments: object) -> Any:
        """The answer to one command (`_` in argument names is `-`).

        Raises `Refusal` for QEMU's errors and `QemuFailure` when QEMU dies or hangs.
        """
        question = {name.replace("_", "-"): value for name, value in arguments.items()}
        try:
            return await asyncio.wait_for(self._client.execute(command, question), self._patience)
        except ExecuteError as error:
            raise Refusal(error.error.error.desc) from error
        except asyncio.TimeoutError as error:
            raise _hang(f"no answer to {command}", self._patience, self._peer) from error
        except (ExecInterruptedError, StateError, QMPError, EOFError, OSError) as error:
            raise QemuFailure(await self._last_words()) from error

    async def ask_all(self, questions: Sequence[Question]) -> list[Any]:
        """The answers to many commands, in order; a refused one is answered with its `Refusal`."""

        async def one(question: Question) -> Any:
            command, arguments = question
            try:
                return await self._client.execute(command, arguments)
            except ExecuteError as error:
                return Refusal(error.error.error.desc)

        answers: list[Any] = []
        for batch in _batches(questions, 500):
            try:
                answers += await asyncio.wait_for(asyncio.gather(*map(one, batch)), self._patience)
            except asyncio.TimeoutError as error:
                raise _hang(f"no answer to {batch[0][0]}", self._patience, self._peer) from error
            except (ExecInterruptedError, StateError, QMPError, EOFError, OSError) as error:
                raise QemuFailure(await self._last_words()) from error
        return answers

    async def human(self, command: str) -> str:
        """What the human monitor prints for `command`, with plain line ends."""
        text: str = await self.ask("human-monitor-command", command_line=command)
        return text.replace("\r\n", "\n")

    def root(self) -> Path:
        """The folder that QEMU sees as `/`."""
        return self._peer.root()

    async def give(self, name: str, descriptor: int) -> None:
        """Hands a file descriptor to QEMU, where `name` then stands for it."""
        self._client.send_fd_scm(descriptor)
        await self.ask("getfd", fdname=name)

    async def close(self) -> None:
        """Ends the conversation; QEMU goes on."""
        with suppress(Exception):
            await self._client.disconnect()

    async def _last_words(self) -> str:
        return await asyncio.to_thread(self._peer.last_words)


async def connect(peer: Peer, patience: float = PATIENCE_SECONDS) -> Conversation:
    """Begins a conversation with a QEMU.

    Waits up to `patience` seconds for each answer, the greeting included. Raises `QemuFailure` with
    QEMU's last words when it does not come up.
    """
    client = QMPClient("machdesc", readbuflen=_READ_BUFFER_BYTES)
    # Every failure is told through `QemuFailure`; the client's own log would tell it twice.
    client.logger.setLevel(logging.CRITICAL + 1)
    try:
        await asyncio.wait_for(client.connect(peer.control), patience)
    except asyncio.TimeoutError as error:
        raise _hang("no greeting", patience, peer) from error
    except (ConnectError, EOFError, OSError, AssertionError) as error:
        # The client asserts that it runs, which it does not when QEMU ends in this moment.
        raise QemuFailure(await asyncio.to_thread(peer.last_words)) from error
    return Conversation(client, peer, patience)


@asynccontextmanager
async def start_conversation(
    command: Sequence[str], *arguments: str, patience: float = PATIENCE_SECONDS
) -> AsyncIterator[Conversation]:
    """Starts `command` with `arguments` and talks to it for as long as the block lasts.

    `patience` and what is raised are those of `connect`.
    """
    with start_child(command, arguments) as child:
        conversation = await connect(child, patience)
        try:
            yield conversation
        finally:
            await conversation.close()


def _hang(what: str, patience: float, peer: Peer) -> QemuHang:
    said = peer.said()
    return QemuHang(f"{what} within {patience:g} seconds{f'; it said: {said}' if said else ''}")


def _batches(items: Sequence[Question], size: int) -> Iterable[Sequence[Question]]:
    return (items[start : start + size] for start in range(0, len(items), size))
