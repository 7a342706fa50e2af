"""The report as SARIF 2.1.0 (OASIS), for code scanning: a result for each finding.

What a finding is about stands in `locations`, the old place in `relatedLocations`. Findings
that the description says to ignore are results with a suppression; what kept a pair from being
compared is a notification of the run.
"""

from __future__ import annotations

from functools import lru_cache

from machdesc.check.finding import Finding
from machdesc.check.outcome import (
    FAILED,
    Ignored,
    Outcome,
    Report,
    Side,
    broken_contracts,
    exit_code,
    side_of,
    source_path,
)
from machdesc.check.report.rule import rule_text
from machdesc.check.report.text import told_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.diagnostic import Diagnostic
    from machdesc.syntax.tree import Span

_ROOT = "%SRCROOT%"
_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def emit_sarif(report: Report, version: str) -> str:
    """The text of the log, with a line break at its end; `version` is that of machdesc."""
    from machdesc.json_text import json_text

    return json_text(sarif_log(report, version))


def sarif_log(report: Report, version: str) -> dict[str, object]:
    """The log as plain data."""
    findings = [f for o in report.outcomes for f in (*o.findings, *(i.finding for i in o.ignored))]
    rules = {finding.code: finding for finding in sorted(findings, key=lambda f: f.code)}
    places = {code: place for place, code in enumerate(rules)}
    results: list[dict[str, object]] = []
    for outcome in report.outcomes:
        for finding in [*report.breaking(outcome), *report.informing(outcome)]:
            level = "error" if report.counts(finding) else "note"
            results.append(_result(finding, level, outcome, places))
        for ignored in outcome.ignored:
            level = "error" if report.counts(ignored.finding) else "note"
            result = _result(ignored.finding, level, outcome, places)
            results.append({**result, "suppressions": [_suppression(ignored, outcome.new)]})
    driver = {
        "name": "machdesc",
        "semanticVersion": version,
        "rules": [_rule(finding) for finding in rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that machdesc ran in."}}},
        "columnKind": "unicodeCodePoints",
        "results": _each_once(results),
        "properties": {"require": report.required, "verdict": report.verdict()},
    }
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _each_once(results: list[dict[str, object]]) -> list[dict[str, object]]:
    """The results without repetitions: what changed in a base is found in every guest that includes it."""
    import json

    return list({json.dumps(result): result for result in results}.values())


def _rule(finding: Finding) -> dict[str, object]:
    """What is told of a rule, from its own documentation."""
    text = rule_text(finding.name)
    summary, _, rest = text.partition("\n\n")
    words = " ".join(summary.split()) or finding.name
    return {
        "id": finding.code,
        "name": "".join(word.capitalize() for word in finding.name.split("-")),
        "shortDescription": {"text": words},
        "fullDescription": {"text": words},
        "help": {"text": rest.strip() or words, "markdown": rest.strip() or words},
        "properties": {"tags": [finding.name]},
    }


def _result(finding: Finding, level: str, outcome: Outcome, places: dict[str, int]) -> dict[str, object]:
    """The result of a finding. What has no place in the new description is a matter of its file."""
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": places[finding.code],
        "level": level,
        "message": {"text": "\n".join(told_facts(finding))},
        "locations": [{"physicalLocation": _location(finding.new_span, outcome.new)}],
    }
    if finding.old_span is not None:
        result["relatedLocations"] = [
            {
                "id": 1,
                "message": {"text": f"it was here in {finding.old_span[2].name}"},
                "physicalLocation": _location(finding.old_span, outcome.old),
            }
        ]
    result["partialFingerprints"] = {"machdescFinding/v1": _fingerprint(finding, outcome)}
    result["properties"] = {
        "subject": finding.subject,
        "undecided": finding.undecided,
        "breaks": list(broken_contracts(finding)),
    }
    return result


def _fingerprint(finding: Finding, outcome: Outcome) -> str:
    """What stays when lines move: the file, the rule, the subject and both values."""
    from hashlib import sha256

    path = outcome.new.path if outcome.new is not None else ""
    if finding.new_span is not None:
        path = source_path(finding.new_span[2].name, outcome.new)
    told = "\0".join((path, finding.code, finding.subject, finding.old, finding.new))
    return sha256(told.encode(errors="surrogatepass")).hexdigest()


def _suppression(ignored: Ignored, side: Side | None) -> dict[str, object]:
    return {
        "kind": "inSource",
        "status": "accepted",
        "justification": f"{ignored.reason} (until {ignored.until})",
        "location": {"physicalLocation": _location(ignored.span, side)},
    }


def _invocation(report: Report) -> dict[str, object]:
    """How the run ended, with a notification for each thing that kept a pair from being compared, and for
    each note about the run."""
    notifications = [
        _notification(diagnostic, outcome)
        for outcome in report.outcomes
        if outcome.status == FAILED
        for diagnostic in outcome.diagnostics
    ]
    notifications += [_notification(note, None) for note in report.notes]
    return {
        "executionSuccessful": report.verdict() != FAILED,
        "exitCode": exit_code(report),
        "toolExecutionNotifications": notifications,
    }


def _notification(diagnostic: Diagnostic, outcome: Outcome | None) -> dict[str, object]:
    name = diagnostic.place()[0]
    own = side_of(name, outcome) if outcome is not None else None
    notification: dict[str, object] = {
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": " — ".join(filter(None, (diagnostic.message, diagnostic.help)))},
        "descriptor": {"id": diagnostic.code},
    }
    if diagnostic.span is not None:
        notification["locations"] = [{"physicalLocation": _location(diagnostic.span, own)}]
    elif name:
        notification["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(name, own)}}]
    return notification


def _location(span: Span | None, side: Side | None) -> dict[str, object]:
    """A physical location; lines and columns count from 1, and the end is the first one behind."""
    if span is None:
        # Code scanning shows nothing without a line.
        name = side.name if side is not None else ""
        return {"artifactLocation": _artifact(name, side), "region": {"startLine": 1}}
    start, end, source = span
    line, column = source.location(start)
    end_line, end_column = source.location(end)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"artifactLocation": _artifact(source.name, side), "region": region}


@lru_cache(maxsize=64)
def _artifact(name: str, side: Side | None) -> dict[str, object]:
    """Where a file is: relative to where machdesc ran, or to the top of the repository."""
    from pathlib import PurePosixPath
    from urllib.parse import quote

    path = source_path(name, side)
    if path.startswith("/"):
        return {"uri": PurePosixPath(path).as_uri()}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": _ROOT}
