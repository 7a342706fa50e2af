"""What `check` says of some changes of the examples is what real QEMU shows of them.

A longer run, and what it found, is in docs/accuracy.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.binary import Unavailable, find_binary
from tests.truth.judgement import FALSE_ALARM, MISS, REFUSED, judge_record
from tests.truth.record import read_records
from tests.truth.report import details, summary
from tests.truth.run import run

PAIRS = 108
SEED = 1
MOST_FALSE_ALARMS = 0.04


@pytest.mark.live
@pytest.mark.parametrize("release", ["10.0", "11.1"])
def test_no_change_that_a_guest_sees_passes_for_compatible(release: str, tmp_path: Path) -> None:
    try:
        find_binary(release)
    except Unavailable as missing:
        pytest.skip(str(missing))
    path = tmp_path / "records.jsonl"
    run(path, [release], SEED, PAIRS, 1)
    found = [judge_record(record) for record in read_records([path])]
    tried = [trial for trial in found if trial.outcome != REFUSED]
    assert len(tried) > PAIRS // 2
    print(summary(found))
    misses = [trial for trial in tried if trial.outcome == MISS]
    assert not misses, details(misses)
    alarms = [trial for trial in tried if trial.outcome == FALSE_ALARM]
    assert len(alarms) <= MOST_FALSE_ALARMS * len(tried), details(alarms)
