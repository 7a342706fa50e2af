"""Verdicts are held against recorded observations, without starting QEMU."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.truth.judgement import (
    AGREES,
    BLIND,
    FALSE_ALARM,
    MISS,
    REFUSED,
    STALE,
    TOLD,
    UNREAD,
    judge_record,
)
from tests.truth.observation import compiled, digest
from tests.truth.record import Record, Shown, append_record, read_records

OLD = """machdesc 1

guest g

machine q35 @ 10.0

memory 1GiB

device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 }

device e1000e net0 at pcie.0/03.0 { mac "52:54:00:00:00:01" }
"""
NEW = OLD.replace("00:01", "00:02")
SEEN = Shown(("pci", "00/03.0", "BAR 0"), "1", "2")
TOLD_OF_ANOTHER = Shown(
    ("told", "device", "pcie.0", "pcie-root-port", "addr 02.0", "chassis"), "1", "2", "rp1"
)
TOLD_OF_IT = Shown(("told", "device", "pcie.0", "e1000e", "addr 03.0", "mac"), "1", "2", "net0")


def record(new: str, **shown: object) -> Record:
    old_guest, new_guest = compiled(OLD, "10.0"), compiled(new, "10.0")
    assert old_guest is not None
    assert new_guest is not None
    made = Record(1, "10.0", "g.md", "change", OLD, new, digest(old_guest), digest(new_guest), loads=True)
    return made._replace(**shown)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "shown", "outcome"),
    [
        (NEW, {"shown": (SEEN,)}, AGREES),
        (NEW, {"loads": False}, AGREES),
        (NEW, {}, FALSE_ALARM),
        (NEW, {"shown": (TOLD_OF_ANOTHER,)}, FALSE_ALARM),
        (NEW, {"shown": (TOLD_OF_IT,)}, BLIND),
        (NEW, {"refused": "no such device"}, REFUSED),
        (NEW, {"unread": "no bus number"}, REFUSED),
        (NEW, {"new_command": "another"}, STALE),
        (OLD, {}, AGREES),
        (OLD, {"shown": (SEEN,)}, MISS),
        (OLD, {"loads": False}, MISS),
        (OLD, {"loads": None}, AGREES),
    ],
)
def test_verdict_and_truth(new: str, shown: dict[str, object], outcome: str) -> None:
    assert judge_record(record(new, **shown)).outcome == outcome


def test_a_state_that_does_not_load_is_no_matter_of_a_cold_start() -> None:
    assert judge_record(record(OLD, loads=False), "cold").outcome == AGREES
    assert judge_record(record(OLD, shown=(SEEN,)), "cold").outcome == MISS


def test_what_is_set_apart() -> None:
    assert judge_record(record(NEW, shown=(TOLD_OF_IT,))).note == TOLD
    assert judge_record(record(NEW, unread="no bus number")).note == UNREAD
    assert judge_record(record(OLD, loads=None)).by_sight
    assert not judge_record(record(OLD)).by_sight


def test_records_are_read_as_written_and_the_last_of_a_pair_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    append_record(first, record(NEW, shown=(SEEN,)))
    append_record(first, record(OLD))
    append_record(second, record(NEW, shown=(TOLD_OF_IT,), loads=False, said="no"))
    assert read_records([first, second, tmp_path / "none"]) == [
        record(NEW, shown=(TOLD_OF_IT,), loads=False, said="no"),
        record(OLD),
    ]
