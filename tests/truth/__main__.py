"""A run of many trials: `python -m tests.truth --pairs 3000 --seed 1 --release 11.1 --report FILE`.

It prints how verdict and truth went together by kind of change, and writes every trial in which
they did not to the report, with all that it takes to do it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

from tests.truth.setting import ALL_KINDS
from tests.truth.trial import (
    EXAMPLES,
    FALSE_ALARM,
    MISS,
    NOT_TAKEN,
    OUTCOMES,
    Trial,
    mutate,
    read_old,
    try_change,
)


def trials(example: str, release: str, seed: int, count: int, kinds: tuple[str, ...] = ()) -> list[Trial]:
    """A number of trials with one example; none when it does not start under the release.

    `kinds` are those of the changes, all when there are none; an example may have nothing for them.
    """
    mutations = {kind: ALL_KINDS[kind] for kind in kinds or ALL_KINDS}
    random = Random(f"{seed} {example} {release}")
    with tempfile.TemporaryDirectory() as folder:
        old = read_old(example, release, Path(folder))
        if old is None:
            return []
        changes = (mutate(random, old, release, mutations) for _ in range(count))
        return [try_change(example, old, *change, release) for change in changes if change is not None]


def examples() -> list[str]:
    """The names of the examples that are taken."""
    return [path.name for path in sorted(EXAMPLES.glob("*.md")) if path.name not in NOT_TAKEN]


def left_out(found: list[Trial]) -> list[str]:
    """The examples of which there is no trial."""
    return sorted(set(examples()) - {trial.example for trial in found})


def run(release: str, seed: int, pairs: int, jobs: int, kinds: tuple[str, ...] = ()) -> list[Trial]:
    """Trials with all examples, as many with each."""
    names = examples()
    count = -(-pairs // len(names))
    with ProcessPoolExecutor(jobs) as pool:
        futures = [pool.submit(trials, name, release, seed, count, kinds) for name in names]
        return [trial for future in futures for trial in future.result()]


def table(found: list[Trial]) -> str:
    """How often verdict and truth went together in which way, by kind of change, as Markdown."""
    rows = [
        f"| change | pairs | {' | '.join(OUTCOMES)} |",
        "|---" * (len(OUTCOMES) + 2) + "|",
    ]
    for kind in [*sorted({trial.kind for trial in found}), "all"]:
        counts = Counter(trial.outcome for trial in found if kind in (trial.kind, "all"))
        cells = " | ".join(str(counts[outcome]) for outcome in OUTCOMES)
        rows.append(f"| {kind} | {sum(counts.values())} | {cells} |")
    return "\n".join(rows)


def report(found: list[Trial]) -> str:
    """All trials in which verdict and truth did not go together, or that a note sets apart."""
    lines = []
    for trial in found:
        if trial.outcome in (MISS, FALSE_ALARM) or trial.note:
            lines.append(f"## {trial.outcome}: {trial.kind} of {trial.example}")
            lines += [f"- check: {line}" for line in trial.findings]
            lines += [f"- QEMU: {line}" for line in trial.truth]
            lines += ["- " + line for line in _changes(trial)]
    return "\n".join(lines) + "\n"


def _changes(trial: Trial) -> list[str]:
    from difflib import unified_diff

    old = (EXAMPLES / trial.example).read_text(encoding="utf-8").splitlines()
    lines = unified_diff(old, trial.text.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:3] not in ("---", "+++") and not line.startswith("@@")]


def main() -> int:
    """Runs, prints, and ends with 1 when there was a miss."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--release", default="11.1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--kind", action="append", choices=ALL_KINDS, help="only changes of this kind")
    arguments = parser.parse_args()
    start = time.monotonic()
    found = run(
        arguments.release, arguments.seed, arguments.pairs, arguments.jobs, tuple(arguments.kind or ())
    )
    print(table(found))
    for note, number in sorted(Counter(trial.note for trial in found if trial.note).items()):
        print(f"\n{number}: {note}")
    stateless = sorted({trial.example for trial in found if not trial.has_state})
    print(f"\nNo state to load: {', '.join(stateless) or 'none'}")
    print(f"\nLeft out, since they do not start here: {', '.join(left_out(found)) or 'none'}")
    print(f"\n{len(found)} pairs under QEMU {arguments.release} in {time.monotonic() - start:.0f} s")
    if arguments.report is not None:
        arguments.report.write_text(report(found), encoding="utf-8")
    return int(any(trial.outcome == MISS for trial in found))


if __name__ == "__main__":
    sys.exit(main())
