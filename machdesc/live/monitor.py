"""A QMP conversation for code that is not asynchronous: each call returns when QEMU has answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from machdesc.live.child import Child
from machdesc.live.conversation import Conversation, Question, connect


class Monitor:
    """Asks one running QEMU; what is raised is told in `Conversation`. Must be closed."""

    def __init__(self, child: Child, patience: float) -> None:
        self._loop = asyncio.new_event_loop()
        try:
            self._conversation: Conversation = self._loop.run_until_complete(connect(child, patience))
        except BaseException:
            self._end_loop()
            raise

    def ask(self, command: str, **arguments: object) -> Any:
        """The answer to one command (`_` in argument names is `-`)."""
        return self._loop.run_until_complete(self._conversation.ask(command, **arguments))

    def ask_all(self, questions: Sequence[Question]) -> list[Any]:
        """The answers to many commands, in order; a refused one is answered with its `Refusal`."""
        return self._loop.run_until_complete(self._conversation.ask_all(questions))

    def human(self, command: str) -> str:
        """What the human monitor prints for `command`, with plain line ends."""
        return self._loop.run_until_complete(self._conversation.human(command))

    def give(self, name: str, descriptor: int) -> None:
        """Hands a file descriptor to QEMU, where `name` then stands for it."""
        self._loop.run_until_complete(self._conversation.give(name, descriptor))

    def close(self) -> None:
        """Ends the conversation; QEMU goes on."""
        self._loop.run_until_complete(self._conversation.close())
        self._end_loop()

    def _end_loop(self) -> None:
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
