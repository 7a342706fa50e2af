"""Saves the state of a paused guest to a file, and loads it into another QEMU.

The state goes through a socket that QEMU is handed over QMP (`fd:`): that works in every release and
in a chroot, and needs no shell there.
"""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from machdesc.live.child import QemuFailure, QemuHang
from machdesc.live.conversation import Refusal
from machdesc.live.process import Process

PATIENCE_SECONDS = 120.0
_NAME = "machdesc-state"
_POLL_SECONDS = 0.01
_BANDWIDTH = 1 << 40
"""Bytes per second: QEMU holds back even for a guest that stands still."""


class StateFailure(Exception):
    """A state was not saved or not loaded; the text is QEMU's."""


def save_state(process: Process, path: Path, *, patience: float = PATIENCE_SECONDS) -> None:
    """Saves the state to `path`. The process can still be read afterwards, but not run.

    :raises StateFailure: when QEMU refuses, such as for a device that cannot be migrated.
    """
    with open(path, "wb") as file:

        def receive(end: socket.socket) -> None:
            with end.makefile("rb") as stream:
                shutil.copyfileobj(stream, file)

        with _passage(process, receive):
            process.monitor.ask("migrate-set-parameters", max_bandwidth=_BANDWIDTH)
            process.monitor.ask("migrate", uri=f"fd:{_NAME}")
            _wait(process, patience)


def load_state(process: Process, path: Path, *, patience: float = PATIENCE_SECONDS) -> None:
    """Loads the state in `path` into a process that was started with `incoming`.

    :raises StateFailure: when it does not fit, with all that QEMU says of it.
    """
    with open(path, "rb") as file:

        def send(end: socket.socket) -> None:
            with suppress(OSError):  # QEMU stopped reading, and says why
                end.sendfile(file)
                end.shutdown(socket.SHUT_WR)

        with _passage(process, send):
            process.monitor.ask("migrate-incoming", uri=f"fd:{_NAME}")
            _wait(process, patience)


@contextmanager
def _passage(process: Process, work: Callable[[socket.socket], None]) -> Iterator[None]:
    """Gives QEMU one end of a socket pair and lets `work` run at the other while the block lasts."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process.monitor.give(_NAME, theirs.fileno())
        thread = Thread(target=work, args=(ours,), daemon=True)
        thread.start()
        try:
            yield
        except Refusal as refusal:
            told = [line for line in _complaints(process) if str(refusal) not in line]
            raise StateFailure("; ".join([*told, str(refusal)])) from refusal
        except QemuHang as hang:
            raise StateFailure(str(hang)) from hang
        except QemuFailure as end:  # up to 9.0, a QEMU that cannot load a state ends
            raise StateFailure("; ".join(_complaints(process)) or str(end)) from end
        finally:
            # What QEMU wrote stays readable; nobody waits for what it did not.
            ours.shutdown(socket.SHUT_RDWR)
            thread.join()


def _wait(process: Process, patience: float) -> None:
    """Waits for the end; raises `Refusal` when it is none good."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        answer = process.monitor.ask("query-migrate")
        status = answer.get("status", "none")
        if status == "completed":
            return
        if status in ("failed", "cancelled"):
            raise Refusal(answer.get("error-desc", f"migration {status}"))
        time.sleep(_POLL_SECONDS)
    raise QemuHang(f"the state is not through after {patience:.0f} seconds")


def _complaints(process: Process) -> list[str]:
    """What QEMU said on standard error, without its warnings."""
    return list(dict.fromkeys(line for line in process.lines() if "warning:" not in line))
