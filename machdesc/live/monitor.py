"""A QMP conversation for code that is not asynchronous: each call returns when QEMU has answered."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from machdesc.live.conversation import Conversation, Peer, Question, connect

_Answer = TypeVar("_Answer")
_ROUNDS = 10


class Monitor:
    """Asks one running QEMU; what is raised is told in `Conversation`. Must be closed."""

    def __init__(self, peer: Peer, patience: float) -> None:
        self._loop = asyncio.new_event_loop()
        # What goes wrong is raised where it is asked for; futures that nobody waits for any more, as after
        # Ctrl-C, have nothing to add.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        try:
            self._conversation: Conversation = self._run(connect(peer, patience))
        except BaseException:
            self._end_loop()
            raise

    def ask(self, command: str, **arguments: object) -> Any:
        """The answer to one command (`_` in argument names is `-`)."""
        return self._run(self._conversation.ask(command, **arguments))

    def ask_all(self, questions: Sequence[Question]) -> list[Any]:
        """The answers to many commands, in order; a refused one is answered with its `Refusal`."""
        return self._run(self._conversation.ask_all(questions))

    def human(self, command: str) -> str:
        """What the human monitor prints for `command`, with plain line ends."""
        return self._run(self._conversation.human(command))

    def may_ask(self, command: str) -> bool:
        """Whether this QEMU may be sent a command: one of somebody else's only what reads."""
        return self._conversation.may_ask(command)

    def give(self, name: str, descriptor: int) -> None:
        """Hands a file descriptor to QEMU, where `name` then stands for it."""
        self._run(self._conversation.give(name, descriptor))

    def close(self) -> None:
        """Ends the conversation; QEMU goes on."""
        self._run(self._conversation.close())
        self._end_loop()

    def _run(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        task = self._loop.create_task(work)
        try:
            return self._loop.run_until_complete(task)
        except BaseException:
            # After Ctrl-C nobody waits for the answer; else closing would wait for last words.
            task.cancel()
            raise

    def _end_loop(self) -> None:
        # What a lost connection left behind; the client makes another task when one of its own ends.
        for _ in range(_ROUNDS):
            left = asyncio.all_tasks(self._loop)
            if not left:
                break
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
