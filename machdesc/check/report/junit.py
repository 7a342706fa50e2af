"""The report as JUnit's XML: a test case for each pair, a failure for each finding that breaks
the contract, an error where a pair could not be compared.

There is no standard; the elements are those that the schema of Jenkins' xUnit plugin has.
"""

from __future__ import annotations

from machdesc.check.finding import Finding
from machdesc.check.outcome import FAILED, NEW, NOTHING, REMOVED, Outcome, Report, summary
from machdesc.check.report.text import finding_lines, told_status
from machdesc.diagnostic import ERROR, printable, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.diagnostic import Diagnostic

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def emit_junit(report: Report) -> str:
    """The document."""
    outcomes = report.outcomes
    failures = sum(bool(report.breaking(outcome)) for outcome in outcomes)
    amiss = [note for note in report.notes if note.severity == ERROR]
    errors = sum(outcome.status == FAILED for outcome in outcomes) + len(amiss)
    skipped = sum(outcome.status in (NEW, REMOVED) for outcome in outcomes)
    counts = (
        f'tests="{len(outcomes) + len(amiss)}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="machdesc check" {counts} time="0">',
        f'  <testsuite name="{attribute(report.required)}" {counts} time="0">',
        *(line for outcome in outcomes for line in _case(report, outcome)),
        *(line for note in amiss for line in _note_case(report, note)),
        *_said(report),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "".join(line + "\n" for line in lines)


def _note_case(report: Report, note: Diagnostic) -> list[str]:
    """The test case of what kept a run from comparing what was asked for."""
    names = f'classname="machdesc.{attribute(report.required)}" name="{attribute(note.name or "all")}"'
    error = f'<error message="{attribute(note.message)}" type="{attribute(note.code)}">'
    return [
        f'    <testcase {names} time="0">',
        f"      {error}{content(render(note))}</error>",
        "    </testcase>",
    ]


def _said(report: Report) -> list[str]:
    """What the suite says besides its cases: warnings about the run, and that nothing was compared."""
    said = [render(note) for note in report.notes if note.severity != ERROR]
    said += [summary(report)] if report.verdict() == NOTHING else []
    return [f"    <system-out>{content(chr(10).join(said))}</system-out>"] if said else []


def _case(report: Report, outcome: Outcome) -> list[str]:
    """The test case of a pair."""
    side = outcome.new or outcome.old
    assert side is not None
    name = outcome.name
    if outcome.old is not None and outcome.new is not None and outcome.old.name != outcome.new.name:
        name = f"{outcome.old.name} → {outcome.new.name}"
    names = f'classname="machdesc.{attribute(report.required)}" name="{attribute(name)}"'
    lines = [f'    <testcase {names} file="{attribute(side.path)}" time="0">']
    for finding in report.breaking(outcome):
        told = f"{finding.code} {finding.subject}: {finding.message}"
        kind = attribute(f"{finding.code} {finding.name}")
        body = content(_text(finding, outcome, True))
        lines.append(f'      <failure message="{attribute(told)}" type="{kind}">{body}</failure>')
    for diagnostic in outcome.diagnostics:
        if diagnostic.severity == ERROR:
            kind, told = attribute(diagnostic.code), attribute(diagnostic.message)
            body = content(render(diagnostic))
            lines.append(f'      <error message="{told}" type="{kind}">{body}</error>')
    if outcome.status in (NEW, REMOVED):
        lines.append(f'      <skipped message="{attribute(told_status(outcome))}"/>')
    notes = [_text(finding, outcome, False) for finding in report.informing(outcome)]
    for ignored in outcome.ignored:
        finding = ignored.finding
        told = f"{finding.code} {finding.subject}: {finding.message}"
        notes.append(f"ignored until {ignored.until} ({ignored.reason}): {told}")
    if notes:
        lines.append(f"      <system-out>{content(chr(10).join(notes))}</system-out>")
    return [*lines, "    </testcase>"]


def _text(finding: Finding, outcome: Outcome, counts: bool) -> str:
    return "\n".join(finding_lines(finding, outcome.name, counts))


def attribute(text: str) -> str:
    """A text as the value of an attribute, in double quotes, on one line."""
    return _encoded(printable(text))


def content(text: str) -> str:
    """Lines of text between tags."""
    return "\n".join(_encoded(printable(line)) for line in text.split("\n"))


def _encoded(text: str) -> str:
    """Printable text; all characters that XML 1.0 (section 2.2) lacks are not printable.

    No line of it is a command of a CI system whose log shows the document (`::error`, `##[error]`).
    """
    text = "".join(_ENTITIES.get(c, c) for c in text)
    return text.replace("::", "&#58;&#58;").replace("##", "&#35;&#35;")
