"""Runs trials with the example guests, and records what QEMU shows of each pair as it goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from random import Random

import machdesc
from tests.truth.change import draw_change
from tests.truth.mutation import Subject
from tests.truth.observation import EXAMPLES, Bench, Old, benches, compiled, observe, read_old
from tests.truth.record import Record, append_record, read_records
from tests.truth.setting import ALL_KINDS

NOT_TAKEN = ("README.md", "passthrough.md")
"""Pages without a guest, and one whose devices are the host's."""

_UNSAVED = ("nvme*", "usb-serial", "vhost-user-fs*", "virtio-crypto*")
"""Types whose state some release cannot save."""

_PART = 12
"""Pairs of one example in a row: a run that is stopped has tried all examples about as often."""


def examples() -> list[str]:
    """The names of the examples that are taken."""
    return [path.name for path in sorted(EXAMPLES.glob("*.md")) if path.name not in NOT_TAKEN]


@cache
def read_example(name: str, saved: bool) -> str:
    """The text of an example; when it has to be `saved`, without the devices that keep it from that."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    description, _ = machdesc.load_source(machdesc.source_of(text, name))
    if not saved or description is None:
        return text
    for statement in reversed(description.all("device")):
        if statement.head is not None and any(fnmatchcase(statement.head.text, t) for t in _UNSAVED):
            start, end, _ = statement.span
            text = text[:start] + text[end:]
    return text


def old_side(text: str, bench: Bench) -> Old | None:
    """A guest before any change, read once in each process; None when it does not start here."""
    return read_old(text, bench)


def run(
    path: Path,
    releases: Iterable[str],
    seed: int,
    pairs: int,
    jobs: int,
    kinds: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    saved: bool = False,
) -> None:
    """Tries about as many pairs of each example under each release, and adds the records to a file.

    `kinds` are those of the changes and `names` the examples, all when there are none; an example may have
    nothing for a kind. What stands in the file already is not tried again. With `saved`, devices are left out
    that keep a state from being saved.
    """
    with benches(releases) as found, ProcessPoolExecutor(jobs) as pool:
        places = [(name, bench) for name in names or examples() for bench in found.values()]
        parts = -(-pairs // (len(places) * _PART))
        size = -(-pairs // (len(places) * parts))
        futures = [
            pool.submit(_part, path, name, bench, seed, number, size, kinds, saved)
            for number in range(parts)
            for name, bench in places
        ]
        for future in futures:
            future.result()


def _part(
    path: Path,
    name: str,
    bench: Bench,
    seed: int,
    number: int,
    size: int,
    kinds: tuple[str, ...],
    saved: bool,
) -> None:
    text, release = read_example(name, saved), bench.binary.release
    old = old_side(text, bench)
    if old is None:
        return
    mutations = {kind: ALL_KINDS[kind] for kind in kinds or ALL_KINDS}
    random = Random(f"{seed} {name} {release} {number}")
    known = {record.pair for record in read_records([path])}
    for _ in range(size):
        change = draw_change(random, Subject(text, old.guest.guest), release, mutations)
        if change is None:
            return
        kind, new_text, new = change
        if (release, text, new_text) not in known:
            known.add((release, text, new_text))
            record = Record(seed, release, name, kind, text, new_text)
            append_record(path, observe(old, new, record, bench))


def try_again(path: Path, records: Sequence[Record]) -> None:
    """Tries pairs once more, and adds what QEMU shows of them now to a file."""
    with benches({record.release for record in records}) as found:
        for record in records:
            bench = found[record.release]
            old, new = old_side(record.old, bench), compiled(record.new, record.release)
            if old is not None and new is not None:
                append_record(path, observe(old, new, record, bench))
