"""The report for programs. Its shape has a version and a schema, `check-report.schema.json`.

Members may be added within a version; one that is there keeps its name, type and meaning.
"""

from __future__ import annotations

from machdesc.check.finding import Finding
from machdesc.check.outcome import COMPARED, Ignored, Outcome, Report, Side, broken_contracts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.diagnostic import Diagnostic
    from machdesc.syntax.tree import Span

VERSION = 1
"""The version of the shape."""


def emit_json(report: Report, version: str) -> str:
    """The text of the document, with a line break at its end; `version` is that of machdesc."""
    from machdesc.json_text import json_text

    return json_text(report_document(report, version))


def schema_path() -> str:
    """Where the JSON Schema of the document lies."""
    import os

    return os.path.join(os.path.dirname(__file__), "check-report.schema.json")


def report_document(report: Report, version: str) -> dict[str, object]:
    """The document as plain data."""
    return {
        "machdesc-check": VERSION,
        "machdesc": version,
        "require": report.required,
        "strict": report.strict,
        "verdict": report.verdict(),
        "compared": sum(outcome.status == COMPARED for outcome in report.outcomes),
        "notes": [_diagnostic(note) for note in report.notes],
        "pairs": [_pair(report, outcome) for outcome in report.outcomes],
    }


def _pair(report: Report, outcome: Outcome) -> dict[str, object]:
    return {
        "status": outcome.status,
        "verdict": report.judge(outcome),
        "old": _side(outcome.old),
        "new": _side(outcome.new),
        "findings": [_finding(report, finding) for finding in outcome.findings],
        "ignored": [_ignored(report, ignored) for ignored in outcome.ignored],
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in outcome.diagnostics],
    }


def _side(side: Side | None) -> dict[str, object] | None:
    if side is None:
        return None
    return {
        "name": side.name,
        "path": side.path,
        "commit": side.revision or None,
        "qemu": side.release or None,
    }


def _finding(report: Report, finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": finding.name,
        "subject": finding.subject,
        "message": finding.message,
        "breaks": list(broken_contracts(finding)),
        "undecided": finding.undecided,
        "counts": report.counts(finding),
        "old": {"value": finding.old, "place": _place(finding.old_span)},
        "new": {"value": finding.new, "place": _place(finding.new_span)},
        "notices": finding.notices,
        "fix": finding.fix,
    }


def _ignored(report: Report, ignored: Ignored) -> dict[str, object]:
    return {
        "finding": {**_finding(report, ignored.finding), "counts": False},
        "reason": ignored.reason,
        "until": ignored.until,
        "place": _place(ignored.span),
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": diagnostic.place()[0],
        "place": _place(diagnostic.span),
        "allowed": diagnostic.allowed,
        "help": diagnostic.help,
    }


def _place(span: Span | None) -> dict[str, object] | None:
    """Lines and columns count from 1, columns in characters; the end is the first one behind."""
    if span is None:
        return None
    start, end, source = span
    line, column = source.location(start)
    end_line, end_column = source.location(end)
    return {
        "file": source.name,
        "line": line,
        "column": column,
        "end-line": end_line,
        "end-column": end_column,
    }
