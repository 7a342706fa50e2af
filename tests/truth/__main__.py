"""Runs trials and judges them: `python -m tests.truth --pairs 3000 --seed 1 --record FILE`.

What QEMU shows goes to the file, one line of JSON for each pair; a run that was stopped goes on where it
was. `--judge FILE…` holds the verdict that `check` gives now against the records of such files, without
starting QEMU; with `--again`, pairs whose command line has changed since, and those that could not be
read, are tried once more.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from machdesc.check.finding import CONTRACTS
from tests.truth.judgement import MISS, OUTCOMES, STALE, UNREAD, judge_record
from tests.truth.record import read_records
from tests.truth.report import details, summary, table
from tests.truth.run import examples, run, try_again
from tests.truth.setting import ALL_KINDS


def main() -> int:
    """Runs, prints, and ends with 1 when there was a miss."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--release", action="append", help="may be given more than once; 11.1 if not at all")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kind", action="append", choices=ALL_KINDS, help="only changes of this kind")
    parser.add_argument("--example", action="append", choices=examples(), help="only of this guest")
    parser.add_argument("--saved", action="store_true", help="leave out what keeps a state from being saved")
    parser.add_argument("--record", type=Path, help="the file that what QEMU shows is added to")
    parser.add_argument("--judge", type=Path, nargs="+", metavar="FILE", help="judge these, run nothing")
    parser.add_argument("--again", action="store_true", help="try those again that cannot be judged")
    parser.add_argument("--require", choices=CONTRACTS[:2], default="live")
    parser.add_argument("--list", choices=OUTCOMES, action="append", help="list these, not what is wrong")
    arguments = parser.parse_args()
    if not arguments.judge and arguments.record is None:
        parser.error("--record or --judge is needed")
    files = arguments.judge or [arguments.record]
    if not arguments.judge:
        releases = arguments.release or ["11.1"]
        kinds = tuple(arguments.kind or ())
        names = tuple(arguments.example or ())
        run(
            arguments.record,
            releases,
            arguments.seed,
            arguments.pairs,
            arguments.jobs,
            kinds,
            names,
            arguments.saved,
        )
    found = [judge_record(record, arguments.require) for record in read_records(files)]
    if arguments.again:
        again = [trial.record for trial in found if trial.outcome == STALE or trial.note == UNREAD]
        try_again(files[-1], again)
        found = [judge_record(record, arguments.require) for record in read_records(files)]
    print(table(found, "change", lambda trial: trial.record.kind), end="\n\n")
    print(table(found, "release", lambda trial: trial.record.release), end="\n\n")
    print(summary(found), end="\n\n")
    print(details(found, *([arguments.list] if arguments.list else [])))
    return int(any(trial.outcome == MISS for trial in found))


if __name__ == "__main__":
    sys.exit(main())
