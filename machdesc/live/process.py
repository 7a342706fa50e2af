"""A QEMU that was started to be looked at: paused, with a monitor and a qtest channel.

Nothing of it has a path, so it runs in a chroot as well, and leaves no file behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from machdesc.live.child import Child, start_child
from machdesc.live.conversation import PATIENCE_SECONDS
from machdesc.live.monitor import Monitor
from machdesc.live.qtest import Qtest
from machdesc.live.server import Server, listening


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
    copies: Mapping[int, bytes] | None = None,
    servers: Mapping[str, Server] | None = None,
    incoming: bool = False,
    patience: float = PATIENCE_SECONDS,
) -> Iterator[Process]:
    """Runs QEMU with `arguments`, stopped before its first instruction, while the block lasts.

    `command` are the words that start it, such as `["chroot", DIRECTORY, "qemu-system-x86_64"]`.
    `copies` are contents that it finds as files `/dev/fdset/NUMBER`, `servers` answer at abstract
    sockets, whose names take the place of their keys in the arguments. With `incoming` it waits for a
    state (`machdesc.live.state.load_state`). It waits up to `patience` seconds for each answer.

    :raises machdesc.live.child.QemuFailure: with QEMU's last words, when it does not start.
    """
    with ExitStack() as stack:
        descriptors: list[int] = []
        names = {key: stack.enter_context(listening(server)) for key, server in (servers or {}).items()}
        words = [_named(argument, names) for argument in arguments]
        for number, content in (copies or {}).items():
            for descriptor in _copy(content, stack):
                descriptors.append(descriptor)
                words += ["-add-fd", f"fd={descriptor},set={number}"]
        if incoming:
            words += ["-incoming", "defer"]
        child = stack.enter_context(start_child(command, words, qtest=True, descriptors=descriptors))
        monitor = Monitor(child, patience)
        stack.callback(monitor.close)
        yield Process(child, monitor, Qtest(child, patience))


def _named(argument: str, names: Mapping[str, str]) -> str:
    for key, name in names.items():
        argument = argument.replace(f"={key},", f"={name},")
    return argument


def _copy(content: bytes, stack: ExitStack) -> Iterator[int]:
    """Descriptors of a file in memory, one to read and write it and one to read it.

    QEMU takes from a set the one whose access is as it wants it (util/osdep.c).
    """
    write = os.memfd_create("machdesc")
    stack.callback(os.close, write)
    with open(write, "wb", closefd=False) as file:
        file.write(content)
    read = os.open(f"/proc/self/fd/{write}", os.O_RDONLY)
    stack.callback(os.close, read)
    yield from (write, read)
