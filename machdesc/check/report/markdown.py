"""The report as Markdown, for a comment on a pull request.

Every character of a user's text that could mean something to Markdown within a line, to HTML
or to a forge (a mention, a reference to an issue) is written as a numeric character reference,
which CommonMark (0.31, section 2.5) never reads as structure.
"""

from __future__ import annotations

from machdesc.check.finding import Finding
from machdesc.check.outcome import (
    BROKEN,
    FAILED,
    KEPT,
    NEW,
    NOTHING,
    REMOVED,
    UNDECIDED,
    Outcome,
    Report,
    count,
    summary,
)
from machdesc.check.report.text import told_breach, told_status
from machdesc.diagnostic import ERROR, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.diagnostic import Diagnostic

MARKER = "<!-- machdesc check -->"
"""The first line, by which a job finds the comment that it wrote before."""

MAX_LENGTH = 65_536
"""Characters that GitHub takes in a comment; GitLab takes a million."""

MAX_VALUE = 300
"""Characters of one value or message that are shown."""

MAX_NOTES = 10
"""Notes about the run that are shown."""

_SPECIAL = frozenset("\\`*_{}[]<>#.|~@&$:")
_JOINER = "&#8203;"
"""A space without width: behind `@` or `#` it keeps a forge from reading a mention."""

_ORDER = (FAILED, BROKEN, UNDECIDED, KEPT, NOTHING)
_WORDS = {"kept": "kept", "broken": "**broken**", "undecided": "**undecided**", "failed": "**not checked**"}


def emit_markdown(report: Report, limit: int = MAX_LENGTH) -> str:
    """The text, no longer than a limit: what does not fit is left out from the end, and counted."""
    head = [MARKER, f"### machdesc check: {code_words(summary(report))}", ""]
    notes = [_note_line(note) for note in report.notes[:MAX_NOTES]]
    if len(report.notes) > MAX_NOTES:
        notes.append(f"- … {len(report.notes) - MAX_NOTES} more")
    head += [*notes, ""] if notes else []
    rows = ["| description | result | differences |", "|---|---|---|"]
    told = [outcome for outcome in report.outcomes if _is_told(report, outcome)]
    told.sort(key=lambda outcome: _ORDER.index(report.judge(outcome)))
    pieces = [_row(report, outcome) for outcome in told]
    details = [_details(report, outcome) for outcome in told]
    text = "\n".join(head) + "\n"
    closing = "\n_… {} more; the command itself tells them all._\n"
    room = limit - len(text) - 2 * len(closing) - 20
    for table, parts in ((rows, pieces), ([], [detail for detail in details if detail])):
        begun = "".join(line + "\n" for line in table) if parts else ""
        size = len(begun)
        fitting = 0
        while fitting < len(parts) and size + len(parts[fitting]) + 1 <= room:
            size += len(parts[fitting]) + 1
            fitting += 1
        text += begun + "".join(part + "\n" for part in parts[:fitting])
        room -= size
        if fitting < len(parts):
            text += closing.format(len(parts) - fitting)
    return text


def _note_line(note: Diagnostic) -> str:
    """What is said of the run as a whole, as an item of a list."""
    place = f"{code(note.name)}: " if note.name else ""
    help = f" ({code_words(note.help)})" if note.help else ""
    return f"- {place}{note.severity}: {code_words(note.message)}{help}"


def _is_told(report: Report, outcome: Outcome) -> bool:
    """Whether there is anything to say of a pair."""
    return bool(outcome.findings or outcome.ignored) or outcome.status in (NEW, REMOVED, FAILED)


def _row(report: Report, outcome: Outcome) -> str:
    """The line of the table for a pair."""
    result = outcome.status if outcome.status in (NEW, REMOVED) else _WORDS[report.judge(outcome)]
    numbers = [
        (len(report.breaking(outcome)), f"break `{report.required}`"),
        (len(report.informing(outcome)), "for information"),
        (len(outcome.ignored), "ignored"),
    ]
    told = ", ".join(f"{number} {what}" for number, what in numbers if number)
    if outcome.status in (NEW, REMOVED):
        told = told_status(outcome).partition(": ")[2]
    return f"| {code(outcome.name)} | {result} | {told} |"


def _details(report: Report, outcome: Outcome) -> str:
    """What is behind a line of the table: open where the contract is not kept."""
    breaking, informing = report.breaking(outcome), report.informing(outcome)
    rows = [_finding_row(finding, f"`{told_breach(finding)}`") for finding in (*breaking, *informing)]
    for ignored in outcome.ignored:
        why = f"ignored until {escape(ignored.until)}: {escape(ignored.reason)}"
        rows.append(_finding_row(ignored.finding, why))
    lines = []
    if rows:
        lines += ["| code | subject | what differs | old | new | breaks | the guest notices | fix |"]
        lines += ["|---|---|---|---|---|---|---|---|", *rows]
    errors = [d for d in outcome.diagnostics if d.severity == ERROR]
    for diagnostic in errors:
        name, line, _ = diagnostic.place()
        place = f"{name}:{line}" if line else name
        help = f" ({code_words(diagnostic.help)})" if diagnostic.help else ""
        lines.append(f"- {code(place)}: {code_words(diagnostic.message)}{help}")
    if not lines and outcome.status in (NEW, REMOVED):
        return ""
    is_open = " open" if breaking or errors else ""
    total = count(len(rows) + len(errors), "finding")
    summary_line = f"<summary>{code(outcome.name)}: {total}</summary>"
    return "\n".join([f"<details{is_open}>{summary_line}", "", *lines, "", "</details>", ""])


def _finding_row(finding: Finding, breach: str) -> str:
    undecided = " (cannot be decided)" if finding.undecided else ""
    cells = [
        finding.code,
        code(finding.subject),
        code_words(finding.message) + undecided,
        code(finding.old) if finding.old else "",
        code(finding.new) if finding.new else "",
        breach,
        code_words(finding.notices),
        code_words(finding.fix),
    ]
    return f"| {' | '.join(cells)} |"


def code(text: str) -> str:
    """A text as inline code; HTML, since a code span of Markdown would show the references."""
    return f"<code>{_encoded(text)}</code>"


def code_words(text: str) -> str:
    """A sentence in which what stands between backticks becomes code."""
    parts = _cut(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(code(part) if place % 2 else escape(part) for place, part in enumerate(parts))


def escape(text: str) -> str:
    """A text on one line, all of whose characters show as themselves, and which mentions nobody."""
    return _encoded(text).replace("&#64;", f"&#64;{_JOINER}").replace("&#35;", f"&#35;{_JOINER}")


def _encoded(text: str) -> str:
    return "".join(f"&#{ord(c)};" if c in _SPECIAL else c for c in printable(_cut(text)))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
