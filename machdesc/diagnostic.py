"""Diagnostics: what is wrong in a text, where, what is allowed, and what to do.

A user's error is never an exception: every phase returns the diagnostics that it found, so
that one run reports them all. Rendering is the last thing that happens to them.
"""

from __future__ import annotations

from machdesc.record import Record
from machdesc.source import Source

ERROR = "error"
WARNING = "warning"
NOTE = "note"

_COLORS = {ERROR: "\033[1;31m", WARNING: "\033[1;35m", NOTE: "\033[1;36m"}
_BOLD, _DIM, _RESET = "\033[1m", "\033[2m", "\033[0m"

MAX_LINE = 160
"""Characters of a source line that are shown around the place of an error."""


class Diagnostic(Record):
    """One finding.

    `code` is a stable slug such as `unknown-property`; `span` are the character offsets
    `(start, end)` in `source`, or None when the finding is about the whole file. `allowed`
    and `help` may be empty.
    """

    severity: str
    code: str
    message: str
    source: Source | None
    span: tuple[int, int] | None
    allowed: str = ""
    help: str = ""

    def place(self) -> tuple[str, int, int]:
        """File name, line and column (from 1; 0 and 0 when it is about the whole file)."""
        if self.source is None:
            return "", 0, 0
        if self.span is None:
            return self.source.name, 0, 0
        return (self.source.name, *self.source.location(self.span[0]))


def has_errors(diagnostics: list[Diagnostic]) -> bool:
    """Whether any of them is an error."""
    return any(diagnostic.severity == ERROR for diagnostic in diagnostics)


def in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file and place, each finding once."""
    return sorted(
        dict.fromkeys(diagnostics),
        key=lambda d: (d.source.name if d.source else "", d.span or (-1, -1), d.code, d.message),
    )


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """The text of a diagnostic for people: a headline, the source line with carets, the help."""
    bold, dim, reset = (_BOLD, _DIM, _RESET) if color else ("", "", "")
    accent = _COLORS[diagnostic.severity] if color else ""
    name, line, column = diagnostic.place()
    place = f"{name}:{line}:{column}: " if line else f"{name}: " if name else ""
    slug = f" [{diagnostic.code}]" if diagnostic.code else ""
    parts = [
        f"{bold}{_printable(place)}{reset}{accent}{diagnostic.severity}:{reset} "
        f"{bold}{_printable(diagnostic.message)}{reset}{slug}"
    ]
    if diagnostic.source is not None and diagnostic.span is not None:
        parts += _excerpt(diagnostic.source, diagnostic.span, accent, dim, reset)
    if diagnostic.allowed:
        parts.append(f"  {dim}allowed:{reset} {_printable(diagnostic.allowed)}")
    if diagnostic.help:
        parts.append(f"  {dim}help:{reset} {_printable(diagnostic.help)}")
    return "\n".join(parts)


def _excerpt(source: Source, span: tuple[int, int], accent: str, dim: str, reset: str) -> list[str]:
    """The line of a span, and carets under the part of the span that lies on it."""
    line, column = source.location(span[0])
    text = source.line(line)
    width = max(1, min(span[1] - span[0], len(text) - column + 1))
    skipped = max(0, column - 1 - MAX_LINE // 2) if len(text) > MAX_LINE else 0
    shown = _printable(text[skipped : skipped + MAX_LINE])
    start = column - 1 - skipped
    width = max(1, min(width, MAX_LINE - start))
    gutter = f"{line:5} "
    return [
        f"{dim}{gutter}|{reset} {shown}",
        f"{dim}{' ' * len(gutter)}|{reset} {' ' * start}{accent}{'^' * width}{reset}",
    ]


def _printable(text: str) -> str:
    """The text on one line, with what could move a terminal's cursor shown as `?`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c in "\t\r\n" else "?" for c in text)
