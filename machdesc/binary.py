"""Asks a QEMU binary what it is: its release, who packaged it, and the architecture that it emulates.

`--version` says the first two and works for everything that calls itself QEMU. The third takes a short start
without a machine, and `query-target` over QMP: the name of the program may be any.
"""

from __future__ import annotations

import re
import shlex
import socket
import tempfile
import time
from subprocess import DEVNULL, PIPE, TimeoutExpired

from machdesc.ending import held
from machdesc.guard import Guarded, start_guarded
from machdesc.last_words import last_lines, last_words, one_line
from machdesc.record import Record

_VERSION = re.compile(r"QEMU emulator version (\d+\.\d+)\S*(?: \((.*)\))?")
_ARCHITECTURE = re.compile(r"[a-z0-9_]{1,32}")
"""A word of `SysEmuTarget` in qapi/machine.json."""

_START = ("-machine", "none", "-nodefaults", "-no-user-config", "-S", "-display", "none")
_QUESTIONS = b'{"execute": "qmp_capabilities"}\n{"execute": "query-target", "id": "target"}\n'
_MOST_BYTES = 1 << 20
"""The greeting and two answers are much smaller."""


class Build(Record):
    """A QEMU: its release, such as `10.0`, what its packager added (may be empty), and its architecture, such
    as `x86_64`."""

    release: str
    package: str
    arch: str


class NoQemu(Exception):
    """A program that is no QEMU, or one that does not answer; the text says which."""


def ask_binary(binary: str, patience: float) -> Build:
    """What `binary` is, which may be several words, such as `chroot DIR qemu-system-x86_64`. Waits up to
    `patience` seconds for each of two answers.

    :raises NoQemu: when it cannot be run, does not answer or is no QEMU.
    """
    try:
        words = shlex.split(binary)
        if not words:
            raise ValueError("no words")
        answer = _version(words, binary, patience)
        match = _VERSION.search(answer)
        if match is None:
            raise NoQemu(f"`{binary} --version` does not say that it is QEMU")
        return Build(match[1], match[2] or "", _architecture(words, binary, patience))
    except (OSError, ValueError) as failed:
        why = failed.strerror if isinstance(failed, OSError) else failed
        raise NoQemu(f"`{binary}` is neither a release nor a QEMU that can be run: {why}") from failed


def _version(words: list[str], binary: str, patience: float) -> str:
    def start() -> Guarded:
        return start_guarded([*words, "--version"], stdout=PIPE, stderr=DEVNULL)

    with held(start, Guarded.end) as guarded, guarded.process:
        try:
            answer, _ = guarded.process.communicate(timeout=patience)
        except TimeoutExpired as late:
            raise NoQemu(f"`{binary} --version` does not answer within {patience:g} seconds") from late
        finally:
            guarded.end()
            guarded.forget()
    return answer.decode("utf-8", "replace")


def _architecture(words: list[str], binary: str, patience: float) -> str:
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryFile() as written:

        def start() -> Guarded:
            with theirs:
                number = theirs.fileno()
                control = ("-chardev", f"socket,id=machdesc-target,fd={number}")
                arguments = [*words, *_START, *control, "-qmp", "chardev:machdesc-target"]
                return start_guarded(arguments, stdout=written, stderr=written, pass_fds=(number,))

        with held(start, Guarded.end) as guarded:
            try:
                architecture = _ask_target(ours, patience)
                if architecture is None:
                    said = one_line(last_lines(written))
                    said = f"; it said: {said}" if said else ""
                    raise NoQemu(f"{binary}: no greeting within {patience:g} seconds{said}")
                if not architecture:
                    ours.close()
                    raise NoQemu(f"{binary}: {last_words(guarded.process, written)}")
            except _Malformed as error:
                raise NoQemu(f"{binary}: does not say which architecture it emulates") from error
            finally:
                guarded.end()
                guarded.forget()
    return architecture


class _Malformed(Exception):
    """An answer that no QEMU gives."""


def _ask_target(control: socket.socket, patience: float) -> str | None:
    """The answer to `query-target`; empty when the other end goes away, None when it does not answer in time.

    :raises _Malformed: when it says something else.
    """
    deadline = time.monotonic() + patience
    said = b""
    try:
        control.settimeout(patience)
        control.sendall(_QUESTIONS)
        while len(said) <= _MOST_BYTES:
            control.settimeout(max(0.001, deadline - time.monotonic()))
            more = control.recv(65536)
            if not more:
                return ""
            said += more
            for line in said.split(b"\n")[:-1]:
                arch = _arch_in(line)
                if arch:
                    return arch
    except TimeoutError:
        return None
    except OSError:
        return ""
    raise _Malformed


def _arch_in(line: bytes) -> str:
    """The architecture that a line of QMP says; empty when the line is no answer to that.

    :raises _Malformed: when it is no QMP.
    """
    import json

    try:
        answer = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Malformed from error
    if not isinstance(answer, dict) or answer.get("id") != "target":
        return ""
    told = answer.get("return")
    arch = told.get("arch") if isinstance(told, dict) else None
    if not isinstance(arch, str) or not _ARCHITECTURE.fullmatch(arch):
        raise _Malformed
    return arch
