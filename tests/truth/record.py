"""Records of trials: what was tried and what QEMU showed, without any verdict, one line of JSON each.

A verdict can be judged again over the same records, without starting QEMU; a run goes on where it was
stopped; files of several runs are read as one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Shown(NamedTuple):
    """A key of the guest's sight whose values differ, as `machdesc.live.view` reads it; `owner` is the
    id of the device that QMP tells it of."""

    key: tuple[str, ...]
    old: str
    new: str
    owner: str = ""

    @property
    def told(self) -> bool:
        """Whether only QMP tells it, and no register or table."""
        return self.key[0] == "told"

    def __str__(self) -> str:
        return f"{' / '.join(self.key)}: {self.old} -> {self.new}"


class Record(NamedTuple):
    """A pair and what QEMU showed of it.

    `old` and `new` are texts, `old_command` and `new_command` name the command lines that they compiled
    to. `shown` is all that differs; `loads` is None where no state can be saved of the old guest, and
    `said` why it does not load. `refused` is what QEMU said when the new guest did not start, `unread`
    why it could not be read; both are empty as a rule.
    """

    seed: int
    release: str
    example: str
    kind: str
    old: str
    new: str
    old_command: str = ""
    new_command: str = ""
    shown: tuple[Shown, ...] = ()
    loads: bool | None = None
    said: str = ""
    refused: str = ""
    unread: str = ""

    @property
    def pair(self) -> tuple[str, str, str]:
        """What makes it the same pair: release and both texts."""
        return self.release, self.old, self.new

    @property
    def sees(self) -> bool:
        """Whether the guest sees a difference."""
        return any(not shown.told for shown in self.shown)


def append_record(path: Path, record: Record) -> None:
    """Adds a line to a file, in one write, so that two processes may do so at a time."""
    data = json.dumps(record._asdict(), ensure_ascii=False) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, data.encode())
    finally:
        os.close(descriptor)


def read_records(paths: Iterable[Path]) -> list[Record]:
    """The records of all files, of a pair that is there twice the last one."""
    return list({record.pair: record for path in paths for record in _read(path)}.values())


def _read(path: Path) -> Iterator[Record]:
    if path.exists():
        with open(path, encoding="utf-8") as file:
            for line in file:
                fields = json.loads(line)
                shown = tuple(Shown(tuple(key), *rest) for key, *rest in fields.pop("shown"))
                yield Record(**fields, shown=shown)
