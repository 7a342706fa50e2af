"""The report as workflow commands of GitHub Actions, which become annotations of a pull request.

The escapes are those of GitHub's own toolkit (packages/core/src/command.ts): `%` and line
breaks in the message, `:` and `,` besides in a property. GitHub shows ten errors, ten warnings
and ten notices of a step (docs, "Troubleshooting annotations"), so what breaks the contract
stands first, and the total is told at the end.
"""

from __future__ import annotations

from machdesc.check.finding import Finding
from machdesc.check.outcome import NEW, REMOVED, Report, Side, side_of, source_path, summary
from machdesc.check.report.text import told_facts, told_status
from machdesc.diagnostic import ERROR, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.diagnostic import Diagnostic
    from machdesc.syntax.tree import Span

_SHOWN = 10
"""Annotations of each kind that GitHub shows for a step."""

_ORDER = ("error", "warning", "notice")


def emit_github(report: Report, quiet: bool = False) -> str:
    """The commands, errors first; `quiet` leaves out what breaks nothing."""
    commands = [_of_diagnostic(note, None) for note in report.notes]
    for outcome in report.outcomes:
        side = outcome.new
        for diagnostic in outcome.diagnostics:
            if diagnostic.severity == ERROR:
                commands.append(_of_diagnostic(diagnostic, side_of(diagnostic.place()[0], outcome)))
        commands += [_of_finding("error", finding, side) for finding in report.breaking(outcome)]
        if not quiet:
            commands += [_of_finding("notice", finding, side) for finding in report.informing(outcome)]
            if outcome.status in (NEW, REMOVED):
                told = printable(f"{outcome.name}: {told_status(outcome)}")
                commands.append(("notice", f"::notice::{_data(told)}"))
    # What changed in a base is found in every guest that includes it.
    commands = list(dict.fromkeys(commands))
    lines = [line for severity in _ORDER for kind, line in commands if kind == severity]
    told = summary(report)
    most = max((sum(kind == severity for kind, _ in commands) for severity in _ORDER), default=0)
    if most > _SHOWN:
        told += f" (GitHub shows the first {_SHOWN} annotations of each kind; all of them are in this log)"
    return "".join(line + "\n" for line in [*lines, told])


def _of_finding(severity: str, finding: Finding, side: Side | None) -> tuple[str, str]:
    """The command of a finding, at its place in the new description."""
    title = f"{finding.code} {finding.name}"
    return severity, _command(
        severity, finding.new_span, side, title, "\n".join(map(printable, told_facts(finding)))
    )


def _of_diagnostic(diagnostic: Diagnostic, side: Side | None) -> tuple[str, str]:
    """The command of what kept a pair from being compared, or of a note about the run."""
    message = printable(diagnostic.message)
    if diagnostic.help:
        message += f"\nhelp: {printable(diagnostic.help)}"
    if diagnostic.span is None and diagnostic.name:
        message = f"{printable(diagnostic.name)}: {message}"
    severity = "error" if diagnostic.severity == ERROR else "warning"
    title = f"could not be checked: {diagnostic.code}" if severity == "error" else diagnostic.code
    return severity, _command(severity, diagnostic.span, side, title, message)


def _command(severity: str, span: Span | None, side: Side | None, title: str, message: str) -> str:
    """One workflow command."""
    properties = {"file": side.path} if side is not None else {}
    if span is not None:
        start, end, source = span
        line, column = source.location(start)
        end_line, end_column = source.location(max(start, end - 1))
        properties = {"file": source_path(source.name, side), "line": str(line), "endLine": str(end_line)}
        if line == end_line:
            # GitHub takes columns only of what lies on one line.
            properties.update(col=str(column), endColumn=str(end_column))
    properties["title"] = title
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{severity} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
