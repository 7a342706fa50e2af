"""The report for people: each finding with both places, then one sentence on all pairs."""

from __future__ import annotations

from machdesc.check.finding import Finding
from machdesc.check.outcome import NEW, REMOVED, Outcome, Report, broken_contracts, summary
from machdesc.diagnostic import excerpt, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Span

_RED, _YELLOW, _CYAN = "\033[1;31m", "\033[1;35m", "\033[1;36m"
_BOLD, _DIM, _RESET = "\033[1m", "\033[2m", "\033[0m"


def emit_text(report: Report, color: bool = False, quiet: bool = False) -> str:
    """The text, with a line break at its end; `quiet` leaves out what breaks nothing.

    What kept a pair from being compared is not in it: these are diagnostics.
    """
    lines: list[str] = []
    for outcome in report.outcomes:
        findings = report.breaking(outcome) + ([] if quiet else report.informing(outcome))
        if findings and (len(report.outcomes) > 1 or _releases(outcome)):
            lines.append(_heading(outcome, color))
        told = [finding_lines(finding, outcome.name, report.counts(finding), color) for finding in findings]
        for number, (headline, *rest) in enumerate(told):
            # Where several in a row differ in their headlines alone, the rest follows the last of them.
            is_last = number + 1 == len(told) or told[number + 1][1:] != rest
            lines += [headline, *rest] if is_last else [headline]
        if not quiet and outcome.status in (NEW, REMOVED):
            lines.append(f"{printable(outcome.name)}: {told_status(outcome)}")
    if not quiet or lines:
        lines.append(summary(report))
    return "".join(line + "\n" for line in lines)


def finding_lines(finding: Finding, name: str, counts: bool, color: bool = False) -> list[str]:
    """A headline with the new place, both excerpts, both values, the consequence and the advice.

    `name` is that of the description, `counts` tells whether it breaks what is required.
    """
    bold, dim, reset = (_BOLD, _DIM, _RESET) if color else ("", "", "")
    severity, accent = "note", _CYAN
    if counts:
        severity, accent = ("undecided", _YELLOW) if finding.undecided else ("error", _RED)
    accent = accent if color else ""
    first, second = finding.new_span, finding.old_span
    if first is None:
        first, second = second, None
    elif second is not None and _place(second) == _place(first):
        second = None
    place = _place(first) if first is not None else printable(name)
    told = printable(f"{finding.subject}: {finding.message}")
    headline = f"{bold}{place}: {reset}{accent}{severity}:{reset} {bold}{told}{reset}"
    lines = [f"{headline} [{finding.code} {finding.name}]"]
    if first is not None:
        lines += excerpt(first, accent, dim, reset)
    if second is not None:
        lines.append(f"{bold}{_place(second)}:{reset} it was")
        lines += excerpt(second, accent, dim, reset)
    facts = [
        ("change", told_change(finding)),
        ("breaks", told_breach(finding)),
        ("notices", finding.notices),
        ("fix", finding.fix),
    ]
    return lines + [f"  {dim}{name}:{reset} {printable(told)}" for name, told in facts if told]


def told_status(outcome: Outcome) -> str:
    """What is said of a description that has no other side."""
    if outcome.status == NEW:
        return "new: there is nothing to compare it with"
    return "removed: its promise has ended"


def told_change(finding: Finding) -> str:
    """Both values; empty when the finding has none, or its message tells them."""
    old, new = finding.old, finding.new
    told = f"from {old} to {new}", f"is new: {new}", f"is gone; it was {old}"
    if (not old and not new) or any(words in finding.message for words in told):
        return ""
    lacking = "unknown" if finding.undecided else "nothing"
    return f"{old or lacking} → {new or lacking}"


def told_breach(finding: Finding) -> str:
    """Which contracts the finding breaks: `live and cold`, or `no contract`."""
    broken = broken_contracts(finding)
    told = ", ".join(broken[:-1]) + " and " + broken[-1] if len(broken) > 1 else "".join(broken)
    return told or "no contract"


def told_facts(finding: Finding) -> list[str]:
    """All about a finding, a line each, for formats that show its place themselves; not escaped."""
    facts = [
        f"{finding.subject}: {finding.message}",
        told_change(finding),
        f"breaks: {told_breach(finding)}" + (" (cannot be decided)" if finding.undecided else ""),
        f"notices: {finding.notices}" if finding.notices else "",
        f"fix: {finding.fix}" if finding.fix else "",
    ]
    return [fact for fact in facts if fact]


def _heading(outcome: Outcome, color: bool) -> str:
    """The line above the findings of one pair."""
    assert outcome.old is not None
    assert outcome.new is not None
    old, new = printable(outcome.old.name), printable(outcome.new.name)
    names = new if old == new else f"{old} → {new}"
    names += _releases(outcome)
    return f"{_BOLD}{names}{_RESET}" if color else names


def _releases(outcome: Outcome) -> str:
    """The releases of QEMU, when they differ."""
    old, new = outcome.old, outcome.new
    if old is None or new is None or old.release == new.release:
        return ""
    return f", QEMU {old.release} → {new.release}"


def _place(span: Span) -> str:
    """`file:line:column`"""
    line, column = span[2].location(span[0])
    return printable(f"{span[2].name}:{line}:{column}")
