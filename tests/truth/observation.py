"""What QEMU shows of a pair: the examples' side is read once, each changed guest is held against it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import machdesc
from machdesc.library import Compiled
from machdesc.live.child import QemuFailure
from machdesc.live.guest import start_guest, view_guest
from machdesc.live.process import Process
from machdesc.live.sandbox.sandbox import replace_back_ends
from machdesc.live.state import StateFailure, load_state, save_state
from machdesc.live.view import View, differences
from tests.live.binary import Binary, find_binary
from tests.live.stand_in import write_kernel
from tests.truth.record import Record, Shown

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


class Bench(NamedTuple):
    """A QEMU and the directory in which it finds files and states are kept."""

    binary: Binary
    directory: Path


class Old(NamedTuple):
    """A guest before any change under a release: its text, what it compiles to, what it sees, its
    state (None when QEMU cannot save it, or not load it into the same guest)."""

    text: str
    guest: Compiled
    view: View
    state: Path | None


def compiled(text: str, release: str) -> Compiled | None:
    """A text compiled for a release; None when it is no whole guest."""
    description, diagnostics = machdesc.load_source(machdesc.source_of(text, "guest.md"))
    if description is None or machdesc.has_errors(diagnostics):
        return None
    return machdesc.compile(description, release)[0]


def digest(guest: Compiled) -> str:
    """A short name of the whole command line, which tells whether it is still the one that was tried."""
    return sha256("\0".join(guest.arguments()).encode()).hexdigest()[:16]


@contextmanager
def benches(releases: Iterable[str]) -> Iterator[dict[str, Bench]]:
    """A bench for each release while the block lasts.

    :raises tests.live.binary.Unavailable: when there is no such QEMU here.
    """
    with ExitStack() as stack:
        found = {}
        for release in releases:
            binary = find_binary(release)
            made = tempfile.TemporaryDirectory(prefix="machdesc-truth-", dir=binary.scratch())
            directory = Path(stack.enter_context(made))
            # What the examples that start a kernel bring along.
            write_kernel(directory / "vmlinuz")
            (directory / "initrd.img").write_bytes(bytes(1 << 20))
            (directory / "banner.txt").write_text("bench 1\n", encoding="utf-8")
            found[release] = Bench(binary, directory)
        yield found


@contextmanager
def started(guest: Compiled, bench: Bench, *, incoming: bool = False) -> Iterator[Process]:
    """A paused guest with harmless back ends."""
    harmless = replace_back_ends(guest, EXAMPLES)
    with start_guest(bench.binary.command(bench.directory), harmless, incoming=incoming) as process:
        yield process


def read_new(guest: Compiled, bench: Bench) -> View:
    """What a guest sees; raises what `view_guest` does."""
    return view_guest(bench.binary.command(bench.directory), replace_back_ends(guest, EXAMPLES))


def read_old(text: str, bench: Bench) -> Old | None:
    """A guest before any change; None when it does not start here."""
    guest = compiled(text, bench.binary.release)
    if guest is None:
        return None
    state: Path | None = _state(bench)
    try:
        with started(guest, bench) as process:
            try:
                assert state is not None
                save_state(process, state)
            except StateFailure:
                state = None
        # Another start: one that could not save may have ended (nvme behind a subsystem, on 11.1.3).
        view = read_new(guest, bench)
        if state is not None:
            with started(guest, bench, incoming=True) as process:
                load_state(process, state)
    except StateFailure:
        state = None
    except (QemuFailure, RuntimeError):
        return None
    return Old(text, guest, view, state)


def _state(bench: Bench) -> Path:
    descriptor, path = tempfile.mkstemp(dir=bench.directory)
    os.close(descriptor)
    return Path(path)


def observe(old: Old, new: Compiled, record: Record, bench: Bench) -> Record:
    """The record with what QEMU shows of the changed guest, beside the old one."""
    record = record._replace(
        old_command=digest(old.guest),
        new_command=digest(new),
        shown=(),
        loads=None,
        said="",
        refused="",
        unread="",
    )
    try:
        view = read_new(new, bench)
        record = record._replace(shown=tuple(_shown(old.view, view)))
        if old.state is not None:
            with started(new, bench, incoming=True) as process:
                load_state(process, old.state)
            record = record._replace(loads=True)
    except StateFailure as failure:
        record = record._replace(loads=False, said=str(failure)[:400])
    except QemuFailure as failure:
        return record._replace(refused=str(failure)[:400] or "it said nothing")
    except RuntimeError as failure:
        # The reader raises it for what it cannot read, such as more buses than there are numbers.
        return record._replace(unread=str(failure)[:400])
    return record


def _shown(old: View, new: View) -> Iterator[Shown]:
    for difference in differences(old, new, told=True):
        owner = _owner(difference.key, old, new)
        yield Shown(difference.key, _short(difference.old), _short(difference.new), owner)


def _short(value: object | None) -> str:
    return "absent" if value is None else str(value)[:200]


def _owner(key: tuple[str, ...], old: View, new: View) -> str:
    """The id of the device that QMP tells something of (`machdesc.live.told`); empty for all else."""
    if key[:2] != ("told", "device"):
        return ""
    length = 6 if len(key) > 5 and key[5].isdigit() else 5
    return str(new.get(key[:length]) or old.get(key[:length]) or "")
