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

from qemu.qmp import (
    ConnectError,
    ExecInterruptedError,
    ExecuteError,
    QMPClient,
    QMPError,
    StateError,
)
from qemu.qmp.error import ProtocolError

from machdesc.live.child import PATIENCE_SECONDS, QemuFailure, QemuHang, start_child
from machdesc.live.question import ANSWERS
from machdesc.shape import ANY, misfit

Question = tuple[str, Mapping[str, object]]
"""A QMP command and its arguments."""

_MOST_MEBIBYTES = 64
_CLOSING_SECONDS = 2.0


_ENDINGS = (ExecInterruptedError, StateError, QMPError, EOFError, OSError)
"""What the client raises when the connection is of no use any more."""


class Peer(Protocol):
    """A QEMU that can be asked: a child of ours, or one that somebody else runs."""

    control: socket.socket
    """Connected to its QMP monitor."""

    questions: frozenset[str] | None
    """The commands that it may be sent; None: all."""

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


class Malformed(QemuFailure):
    """An answer that no QEMU gives; the text says to what, where in it, and what was expected."""


class Conversation:
    """Asks one running QEMU, and checks the shape of each answer (`machdesc.live.question`)."""

    def __init__(self, client: QMPClient, peer: Peer, patience: float) -> None:
        self._client = client
        self._patience = patience
        self._peer = peer

    async def ask(self, command: str, **arguments: object) -> Any:
        """The answer to one command (`_` in argument names is `-`).

        Raises `Refusal` for QEMU's errors and `QemuFailure` when QEMU dies or hangs.
        """
        self._require_allowed(command)
        question = {name.replace("_", "-"): value for name, value in arguments.items()}
        try:
            answer = await asyncio.wait_for(self._client.execute(command, question), self._patience)
        except ExecuteError as error:
            raise Refusal(error.error.error.desc) from error
        except asyncio.TimeoutError as error:
            raise _hang(f"no answer to {command}", self._patience, self._peer) from error
        except _ENDINGS as error:
            ending: Exception = error
        else:
            return checked(command, answer)
        # Not within `except`: what is raised there loses what it came of.
        raise await self._failure(ending) from ending

    async def ask_all(self, questions: Sequence[Question]) -> list[Any]:
        """The answers to many commands, in order; a refused one is answered with its `Refusal`."""

        async def one(question: Question) -> Any:
            command, arguments = question
            try:
                return await self._client.execute(command, arguments)
            except ExecuteError as error:
                return Refusal(error.error.error.desc)

        for command in {command for command, _ in questions}:
            self._require_allowed(command)
        answers: list[Any] = []
        ending: Exception | None = None
        for batch in _batches(questions, 500):
            try:
                answers += await asyncio.wait_for(asyncio.gather(*map(one, batch)), self._patience)
            except asyncio.TimeoutError as error:
                raise _hang(f"no answer to {batch[0][0]}", self._patience, self._peer) from error
            except _ENDINGS as error:
                ending = error
                break
        if ending is not None:
            raise await self._failure(ending) from ending
        for (command, _), answer in zip(questions, answers, strict=True):
            if not isinstance(answer, Refusal):
                checked(command, answer)
        return answers

    def may_ask(self, command: str) -> bool:
        """Whether this QEMU may be sent a command: one of somebody else's only what reads."""
        return self._peer.questions is None or command in self._peer.questions

    def _require_allowed(self, command: str) -> None:
        if not self.may_ask(command):
            raise RuntimeError(f"`{command}` must not be sent to a QEMU of somebody else")

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

    async def _failure(self, error: Exception) -> QemuFailure:
        """Why no answer came."""
        causes = [error]
        try:
            # Raises what ended the connection.
            await asyncio.wait_for(self._client.disconnect(), _CLOSING_SECONDS)
        except Exception as ending:
            causes.append(ending)
        return await _failure_of(causes, self._peer)


def checked(command: str, answer: Any) -> Any:
    """The answer to a command, which has the shape that is known of it.

    :raises Malformed: when it has another.
    """
    why = misfit(answer, ANSWERS.get(command, ANY))
    if why:
        raise Malformed(f"the answer to {command} is none of QEMU's: {why}")
    return answer


async def connect(peer: Peer, patience: float = PATIENCE_SECONDS) -> Conversation:
    """Begins a conversation with a QEMU.

    Waits up to `patience` seconds for each answer, the greeting included. Raises `QemuFailure` with
    QEMU's last words when it does not come up.
    """
    client = QMPClient("machdesc", readbuflen=_MOST_MEBIBYTES << 20)
    # Every failure is told through `QemuFailure`; the client's own log would tell it twice.
    client.logger.setLevel(logging.CRITICAL + 1)
    # Nobody reads events, which would only pile up.
    client.events.event_filter = lambda _message: False
    try:
        await asyncio.wait_for(client.connect(peer.control), patience)
    except asyncio.TimeoutError as error:
        raise _hang("no greeting", patience, peer) from error
    except (ConnectError, EOFError, OSError, AssertionError) as error:
        # The client asserts that it runs, which it does not when QEMU ends in this moment.
        raise await _failure_of([error], peer) from error
    return Conversation(client, peer, patience)


@asynccontextmanager
async def start_conversation(
    command: Sequence[str], *arguments: str, patience: float = PATIENCE_SECONDS
) -> AsyncIterator[Conversation]:
    """Starts `command` with `arguments` and talks to it for as long as the block lasts.

    `patience` and what is raised are those of `connect`.
    """
    with start_child(command, arguments, patience=patience) as child:
        conversation = await connect(child, patience)
        try:
            yield conversation
        finally:
            await conversation.close()


async def _failure_of(errors: Iterable[BaseException], peer: Peer) -> QemuFailure:
    """What to say of a connection that ended: what came over it that is no QMP, else QEMU's last words."""
    causes = list(_causes(errors))
    if any(isinstance(cause, asyncio.LimitOverrunError) for cause in causes):
        return Malformed(f"says more than {_MOST_MEBIBYTES} MiB in one message, and no QEMU does")
    if any(isinstance(cause, (ProtocolError, ValueError, RecursionError)) for cause in causes) and not any(
        isinstance(cause, (EOFError, OSError)) for cause in causes
    ):
        return Malformed("says something that is no QMP")
    return QemuFailure(await asyncio.to_thread(peer.last_words))


def _causes(errors: Iterable[BaseException | None]) -> Iterable[BaseException]:
    """Errors, and all that they came of."""
    waiting, seen = list(errors), set[int]()
    while waiting:
        error = waiting.pop()
        if error is not None and id(error) not in seen:
            seen.add(id(error))
            yield error
            inner = [getattr(error, name, None) for name in ("exc", "error")]
            waiting += [error.__cause__, error.__context__]
            waiting += [each for each in inner if isinstance(each, BaseException)]


def _hang(what: str, patience: float, peer: Peer) -> QemuHang:
    said = peer.said()
    return QemuHang(f"{what} within {patience:g} seconds{f'; it said: {said}' if said else ''}")


def _batches(items: Sequence[Question], size: int) -> Iterable[Sequence[Question]]:
    return (items[start : start + size] for start in range(0, len(items), size))
