"""A paused QEMU under test: starts it, asks it over QMP, and always ends it.

QMP speaks over standard input and output, so there is no socket to wait for or to leave behind;
`Machine.close` kills what `Machine` started, whatever happened in between.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.live.binary import Binary

START_SECONDS = 60.0
"""Longest wait for an answer. TCG start-up takes one second; two busy cores make it ten."""

HARNESS_ARGUMENTS = ("-S", "-qmp", "stdio", "-display", "none")
"""Added to every command line: stopped before the first instruction, QMP on stdio, no window."""


class QmpError(Exception):
    """QEMU refused a command; `kind` is QMP's error class."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


class StartError(Exception):
    """QEMU ended, or stayed silent, when it should have answered; holds what it wrote."""


class Machine:
    """One running QEMU. Use `start`, which closes it."""

    def __init__(self, binary: Binary, argv: Sequence[str], directory: Path) -> None:
        self.binary = binary
        self.directory = directory
        self._errors = open(directory / "qemu.stderr", "w+b")  # noqa: SIM115
        self._buffer = b""
        self._process = subprocess.Popen(
            [*binary.command(directory), *argv, *HARNESS_ARGUMENTS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        try:
            self._read("QMP")
            self.ask("qmp_capabilities")
        except BaseException:
            self.close()
            raise

    def ask(self, command: str, **arguments: object) -> Any:
        """Run one QMP command and return what it returns; events are passed over."""
        message = {"execute": command, "arguments": arguments}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise StartError(self._last_words("ended")) from None
        answer = self._read("return", "error")
        if "error" in answer:
            raise QmpError(answer["error"]["class"], answer["error"]["desc"])
        return answer["return"]

    def errors(self) -> str:
        """What QEMU wrote on its standard error so far."""
        self._errors.flush()
        return (self.directory / "qemu.stderr").read_text(errors="replace")

    @property
    def process_id(self) -> int:
        """Process id of QEMU."""
        return self._process.pid

    def close(self) -> None:
        """Kill QEMU if it still runs, and collect it."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def _read(self, *keys: str) -> dict[str, Any]:
        """The next message that has one of `keys`."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + START_SECONDS
        handle = self._process.stdout.fileno()
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if found:
                self._buffer = rest
                if not line.startswith(b"{"):
                    continue  # older QEMUs tell where a pty is on standard output
                message: dict[str, Any] = json.loads(line)
                if any(key in message for key in keys):
                    return message
                continue
            ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise StartError(self._last_words(f"silent for {START_SECONDS:.0f} s"))
            chunk = os.read(handle, 1 << 16)
            if not chunk:
                self._process.wait()
                raise StartError(self._last_words(f"ended with {self._process.returncode}"))
            self._buffer += chunk

    def _last_words(self, what: str) -> str:
        return f"QEMU {self.binary.release} {what}: {self.errors().strip() or '(it wrote nothing)'}"


@contextlib.contextmanager
def working_directory(binary: Binary) -> Iterator[Path]:
    """A fresh directory that `binary` can see, removed afterwards.

    Services that the preparation of a guest leaves running (swtpm, virtiofsd) write their
    process id to `*.pid` in it, and are ended here.
    """
    directory = Path(tempfile.mkdtemp(prefix="machdesc-", dir=binary.scratch()))
    try:
        yield directory
    finally:
        for file in directory.rglob("*.pid"):
            with contextlib.suppress(ValueError, ProcessLookupError, OSError):
                os.kill(int(file.read_text()), signal.SIGKILL)
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def start(binary: Binary, argv: Sequence[str], directory: Path) -> Iterator[Machine]:
    """QEMU with `argv` (without program), stopped before its first instruction, in `directory`."""
    machine = Machine(binary, argv, directory)
    try:
        yield machine
    finally:
        machine.close()
