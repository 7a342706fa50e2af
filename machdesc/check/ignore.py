"""Ignoring: takes out the findings that the new description says to ignore.

What ignores nothing, or has passed its last day, is a finding of its own; it breaks no
contract. An ignore that has passed its last day ignores nothing any more.
"""

from __future__ import annotations

from machdesc.check.finding import Finding
from machdesc.check.outcome import Ignored, Outcome
from machdesc.model.ignore import Ignore

UNUSED = "MD901", "unused-ignore"
EXPIRED = "MD902", "expired-ignore"
"""Code and name of the findings about ignores; no rule has them."""


def apply_ignores(
    findings: list[Finding], ignores: list[Ignore], today: str
) -> tuple[list[Finding], list[Ignored], list[Ignore]]:
    """The findings that remain, those that are ignored, and the ignores that were of use.

    `today` is a day as `YYYY-MM-DD`.
    """
    valid = [ignore for ignore in ignores if ignore.until >= today]
    kept: list[Finding] = []
    ignored: list[Ignored] = []
    used: dict[Ignore, None] = {}
    for finding in findings:
        fitting = [ignore for ignore in valid if fits(ignore, finding)]
        used.update(dict.fromkeys(fitting))
        if fitting:
            first = fitting[0]
            ignored.append(Ignored(finding, first.reason, first.until, first.span))
        else:
            kept.append(finding)
    return kept, ignored, list(used)


def fits(ignore: Ignore, finding: Finding) -> bool:
    """Whether an ignore is about a finding."""
    return ignore.code == finding.code and ignore.subject in ("*", finding.subject)


def expired_findings(ignores: list[Ignore], today: str) -> list[Finding]:
    """A finding for each ignore that has passed its last day."""
    return [
        _finding(EXPIRED, ignore, f"`{_told(ignore)}` ended on {ignore.until}")
        for ignore in ignores
        if ignore.until < today
    ]


def unused_findings(outcomes: list[Outcome], today: str) -> list[Outcome]:
    """The outcomes, with a finding for each ignore that none of them had a use for.

    An ignore in an included file has its use when one of the guests that include it has one.
    """
    used = {place(ignore) for outcome in outcomes for ignore in outcome.used}
    told = []
    for outcome in outcomes:
        new = []
        for ignore in outcome.ignores:
            if place(ignore) not in used and ignore.until >= today:
                used.add(place(ignore))
                new.append(_finding(UNUSED, ignore, f"`{_told(ignore)}` ignores nothing"))
        told.append(outcome._replace(findings=(*outcome.findings, *new)) if new else outcome)
    return told


def place(ignore: Ignore) -> tuple[str, int]:
    """Where an ignore stands, the same for all guests that include its file by the same name."""
    return ignore.span[2].name, ignore.span[0]


def _told(ignore: Ignore) -> str:
    return f"ignore {ignore.code} {ignore.subject}"


def _finding(kind: tuple[str, str], ignore: Ignore, message: str) -> Finding:
    code, name = kind
    return Finding(code, name, "", False, ignore.subject, message, "", "", None, ignore.span, "", "remove it")
