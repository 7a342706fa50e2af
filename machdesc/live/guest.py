"""Starts a compiled guest with harmless back ends, to be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from machdesc.ending import scratch_folder
from machdesc.live.child import PATIENCE_SECONDS, start_child
from machdesc.live.monitor import Monitor
from machdesc.live.process import Process, start
from machdesc.live.sandbox.file_copy import write_copies
from machdesc.live.sandbox.result import Harmless
from machdesc.live.sandbox.server import listening
from machdesc.live.view import View, read_view

_READINGS = 4


@contextmanager
def start_guest(
    command: Sequence[str],
    harmless: Harmless,
    *,
    incoming: bool = False,
    patience: float = PATIENCE_SECONDS,
) -> Iterator[Process]:
    """`machdesc.live.process.start` with all that the options need: servers, copies and a folder for them."""
    with ExitStack() as stack:
        names = {key: stack.enter_context(listening(server)) for key, server in harmless.servers.items()}
        folder = None
        if harmless.files:
            folder, seen = _own_folder(command, patience, stack)
            paths = write_copies(harmless.files, folder)
            names |= {key: str(seen / Path(path).name) for key, path in paths.items()}
        words = harmless.arguments(names)
        descriptors = []
        for number, content in harmless.copies.items():
            for descriptor in _descriptors(content, stack):
                descriptors.append(descriptor)
                words += ["-add-fd", f"fd={descriptor},set={number}"]
        yield stack.enter_context(
            start(
                command,
                words,
                descriptors=descriptors,
                directory=folder,
                incoming=incoming,
                patience=patience,
            )
        )


def _own_folder(command: Sequence[str], patience: float, stack: ExitStack) -> tuple[Path, Path]:
    """A folder for one QEMU, and the path by which it knows it, which is another one in a chroot.

    Which folder is its `/` is known once it runs, so it is started for a moment without a machine.
    """
    with (
        start_child(command, ["-machine", "none"], patience=patience) as child,
        closing(Monitor(child, patience)),
    ):
        root = child.root()
    within = root != Path("/")
    folder = stack.enter_context(scratch_folder(root / "tmp" if within else None))
    folder.chmod(0o711)  # the QEMU may run as another user
    return folder, Path("/") / folder.relative_to(root) if within else folder


def _descriptors(content: bytes, stack: ExitStack) -> Iterator[int]:
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


def view_guest(command: Sequence[str], harmless: Harmless, *, patience: float = PATIENCE_SECONDS) -> View:
    """What a guest sees, of one that is started for it.

    The reader lets the processor run for a moment, which a busy host may not grant in time: a reading
    without CPUID would be a difference that is none, so it is done again.

    :raises machdesc.live.child.QemuFailure: when it does not start.
    :raises RuntimeError: when it cannot be read, such as more buses than there are numbers.
    """
    for _ in range(_READINGS):
        with start_guest(command, harmless, patience=patience) as process:
            view = read_view(process)
        if any(key[0] == "cpuid" for key in view):
            return view
    raise RuntimeError("CPUID was not read")
