"""Tables and lists of judged trials, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from difflib import unified_diff

from tests.truth.judgement import BY_SIGHT, FALSE_ALARM, MISS, OUTCOMES, REFUSED, STALE, Trial


def table(found: Sequence[Trial], title: str, key: Callable[[Trial], str]) -> str:
    """How often verdict and truth went together in which way, by a word of each trial."""
    shown = [outcome for outcome in OUTCOMES if outcome != STALE or any(t.outcome == STALE for t in found)]
    rows = [
        f"| {title} | pairs | {' | '.join(shown)} |",
        "|---" * (len(shown) + 2) + "|",
    ]
    words = [key(trial) for trial in found]
    for word in [*sorted(set(words)), "all"]:
        counts = Counter(t.outcome for t, own in zip(found, words, strict=True) if word in (own, "all"))
        cells = " | ".join(str(counts[outcome]) for outcome in shown)
        rows.append(f"| {word} | {sum(counts.values())} | {cells} |")
    return "\n".join(rows)


def summary(found: Sequence[Trial]) -> str:
    """The share of false alarms, and what the tables do not say."""
    tried = [trial for trial in found if trial.outcome not in (REFUSED, STALE)]
    alarms = sum(trial.outcome == FALSE_ALARM for trial in tried)
    share = 100 * alarms / len(tried) if tried else 0
    lines = [f"{len(found)} pairs; {alarms} false alarms in {len(tried)} that started: {share:.1f} %"]
    for note, number in sorted(Counter(trial.note for trial in found if trial.note).items()):
        lines.append(f"{number}: {note}")
    by_sight = [trial for trial in tried if trial.by_sight]
    if by_sight:
        counts = Counter(trial.outcome for trial in by_sight)
        names = ", ".join(sorted({trial.record.example for trial in by_sight}))
        told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])
        lines.append(f"{len(by_sight)}: {BY_SIGHT} ({names}): {told}")
    return "\n\n".join(lines)


def details(found: Sequence[Trial], outcomes: Sequence[str] = (MISS, FALSE_ALARM)) -> str:
    """All trials of these outcomes, and those that a note sets apart, with all to look into them."""
    lines = []
    for trial in found:
        if trial.outcome in outcomes or trial.note:
            record = trial.record
            lines.append(f"## {trial.outcome}: {record.kind} of {record.example} under {record.release}")
            lines += [f"- check: {line}" for line in trial.findings]
            lines += [f"- QEMU: {line}"[:300] for line in _truth(trial)]
            lines += ["- " + line for line in _changes(trial)]
    return "\n".join(lines) + "\n"


def _truth(trial: Trial) -> list[str]:
    record = trial.record
    said = [text for text in (record.refused, record.unread) if text]
    if record.loads is False:
        said.append(f"does not load: {record.said}")
    seen = [shown for shown in record.shown if not shown.told]
    return said + [str(shown) for shown in (seen or record.shown)[:8]]


def _changes(trial: Trial) -> list[str]:
    old, new = trial.record.old.splitlines(), trial.record.new.splitlines()
    lines = unified_diff(old, new, lineterm="", n=0)
    return [line for line in lines if line[:3] not in ("---", "+++") and not line.startswith("@@")]
