"""Diagnostics: what is wrong in a text, where, what is allowed, and what to do.

A user's error is never an exception: every phase returns the diagnostics that it found, so
that one run reports them all. Rendering is the last thing that happens to them.
"""

from __future__ import annotations

from machdesc.record import Record
from machdesc.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

ERROR = "error"
WARNING = "warning"
NOTE = "note"

_COLORS = {ERROR: "\033[1;31m", WARNING: "\033[1;35m", NOTE: "\033[1;36m"}
_BOLD, _DIM, _RESET = "\033[1m", "\033[2m", "\033[0m"

MAX_NAMES = 20
"""How many names a message lists."""

MAX_LINE = 160
"""Characters of a source line that are shown around the place of an error."""


class Suggestion(Record):
    """The nearest of some names, which is looked for only when it is shown: a text may have thousands of
    unknown names, and thousands of known ones. Where none is near, `otherwise` is said."""

    name: str
    names: Collection[str]
    otherwise: str = ""


class Diagnostic(Record):
    """One finding.

    `code` is a stable slug such as `unknown-property`. `span` are the character offsets in a
    source, and the source; None when the finding is about a whole file, whose `name` is then
    given. `allowed` and `help` may be empty; `hint` is what `help` is made of.
    """

    severity: str
    code: str
    message: str
    span: tuple[int, int, Source] | None
    allowed: str = ""
    hint: str | Suggestion = ""
    name: str = ""

    @property
    def help(self) -> str:
        """What to do."""
        hint = self.hint
        if isinstance(hint, str):
            return hint
        return did_you_mean(hint.name, hint.names) or hint.otherwise

    def place(self) -> tuple[str, int, int]:
        """File name, line and column (from 1; 0 and 0 when it is about the whole file)."""
        if self.span is None:
            return self.name, 0, 0
        source = self.span[2]
        return (source.name, *source.location(self.span[0]))


def error(
    code: str, message: str, span: tuple[int, int, Source], allowed: str = "", help: str | Suggestion = ""
) -> Diagnostic:
    """An error at a place."""
    return Diagnostic(ERROR, code, message, span, allowed, help)


def warning(
    code: str, message: str, span: tuple[int, int, Source], allowed: str = "", help: str | Suggestion = ""
) -> Diagnostic:
    """A warning at a place."""
    return Diagnostic(WARNING, code, message, span, allowed, help)


def file_error(code: str, message: str, name: str, help: str = "") -> Diagnostic:
    """An error that is about a whole file."""
    return Diagnostic(ERROR, code, message, None, "", help, name)


def did_you_mean(name: str, names: Collection[str]) -> str:
    """``did you mean `X`?`` with the nearest of some names, or nothing when none is near."""
    from machdesc.nearest import nearest

    close = nearest(name, names)
    return f"did you mean `{close}`?" if close else ""


def listed(names: Collection[str]) -> str:
    """Names in a row, no more of them than a reader takes in."""
    if len(names) <= MAX_NAMES:
        return ", ".join(names)
    from itertools import islice

    return ", ".join([*islice(names, MAX_NAMES), "…"])


def has_errors(diagnostics: list[Diagnostic]) -> bool:
    """Whether any of them is an error."""
    return any(diagnostic.severity == ERROR for diagnostic in diagnostics)


def in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file and place, each finding once."""
    unique = {(*d.place(), *d[:3], d.allowed, *_told(d.hint), d.name): d for d in diagnostics}
    return [unique[key] for key in sorted(unique)]


def _told(hint: str | Suggestion) -> tuple[str, str]:
    """What a hint is told apart by, without looking for the name that it suggests."""
    return ("", hint) if isinstance(hint, str) else (hint.name, hint.otherwise)


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """The text of a diagnostic for people: a headline, the source line with carets, the help."""
    bold, dim, reset = (_BOLD, _DIM, _RESET) if color else ("", "", "")
    accent = _COLORS[diagnostic.severity] if color else ""
    name, line, column = diagnostic.place()
    place = f"{name}:{line}:{column}: " if line else f"{name}: " if name else ""
    slug = f" [{diagnostic.code}]" if diagnostic.code else ""
    headline = f"{bold}{printable(place)}{reset}{accent}{diagnostic.severity}:{reset} "
    parts = [headline + f"{bold}{printable(diagnostic.message)}{reset}{slug}"]
    if diagnostic.span is not None:
        parts += excerpt(diagnostic.span, accent, dim, reset)
    if diagnostic.allowed:
        parts.append(f"  {dim}allowed:{reset} {printable(diagnostic.allowed)}")
    if diagnostic.help:
        parts.append(f"  {dim}help:{reset} {printable(diagnostic.help)}")
    return "\n".join(parts)


def excerpt(span: tuple[int, int, Source], accent: str = "", dim: str = "", reset: str = "") -> list[str]:
    """The line of a span, and carets under the part of the span that lies on it.

    The last three are what switches a terminal's colors, of the carets, of the gutter, and off.
    """
    source = span[2]
    line, column = source.location(span[0])
    text = source.line(line)
    width = max(1, min(span[1] - span[0], len(text) - column + 1))
    skipped = max(0, column - 1 - MAX_LINE // 2) if len(text) > MAX_LINE else 0
    start = column - 1 - skipped
    # A tab is as wide as a space here, so that the carets lie where they should.
    pieces = text[skipped : skipped + MAX_LINE].replace("\t", " ")
    before, marked = printable(pieces[:start]), printable(pieces[start : start + width])
    shown = before + marked + printable(pieces[start + width :])
    width = max(1, len(marked))
    gutter = f"{line:5} "
    return [
        f"{dim}{gutter}|{reset} {shown}",
        f"{dim}{' ' * len(gutter)}|{reset} {' ' * len(before)}{accent}{'^' * width}{reset}",
    ]


def printable(text: str) -> str:
    """The text on one line, with escapes such as Python's for what has no shape of its own: control
    characters, line breaks, format characters such as those that turn the direction of writing, and
    spaces that are not the usual one. A byte of a file's name that is not UTF-8 is `\\xff`.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte, as `os.fsdecode` has it
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()
