"""A QEMU that was started to be looked at: paused, with a monitor and a qtest channel.

It is reached through sockets without a path, so it runs in a chroot as well, and leaves no file behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from machdesc.live.child import PATIENCE_SECONDS, Child, start_child
from machdesc.live.monitor import Monitor
from machdesc.live.qtest import Qtest


class Process:
    """A running QEMU whose processors are stopped."""

    def __init__(self, child: Child, monitor: Monitor, qtest: Qtest) -> None:
        self._child = child
        self.monitor = monitor
        self.qtest = qtest

    def lines(self) -> list[str]:
        """The last lines that it wrote."""
        return self._child.lines()


@contextmanager
def start(
    command: Sequence[str],
    arguments: Sequence[str],
    *,
    descriptors: Sequence[int] = (),
    directory: Path | None = None,
    incoming: bool = False,
    patience: float = PATIENCE_SECONDS,
) -> Iterator[Process]:
    """Runs QEMU with `arguments`, stopped before its first instruction, while the block lasts.

    `command` are the words that start it, such as `["chroot", DIRECTORY, "qemu-system-x86_64"]`;
    `descriptors` and `directory` are those of `start_child`. With `incoming` it waits for a state
    (`machdesc.live.state.load_state`). It waits up to `patience` seconds for each answer.

    :raises machdesc.live.child.QemuFailure: with QEMU's last words, when it does not start.
    """
    words = [*arguments, *(("-incoming", "defer") if incoming else ())]
    with (
        start_child(
            command, words, qtest=True, descriptors=descriptors, directory=directory, patience=patience
        ) as child,
        closing(Monitor(child, patience)) as monitor,
    ):
        yield Process(child, monitor, Qtest(child, patience))
