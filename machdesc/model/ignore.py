"""Ignores: what a description says that a check shall not hold against it, why, and until when.

`ignore MD012 net0 { reason "…"  until 2027-01-31 }`; the subject `*` stands for all.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, Suggestion, error
from machdesc.model.guest import Description
from machdesc.record import Record
from machdesc.syntax.tree import Property, Statement, String, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Span

_KEYS = ("reason", "until")


class Ignore(Record):
    """One of them: the code and the subject of the findings, the reason, and the last day, as
    `YYYY-MM-DD`, on which it counts."""

    code: str
    subject: str
    reason: str
    until: str
    span: Span


def parse_ignores(description: Description) -> tuple[list[Ignore], list[Diagnostic]]:
    """All that a description holds and that are whole; a diagnostic for each thing amiss."""
    ignores: list[Ignore] = []
    diagnostics: list[Diagnostic] = []
    for statement in description.all("ignore"):
        ignore = _parse_ignore(statement, diagnostics)
        if ignore is not None:
            ignores.append(ignore)
    return ignores, diagnostics


def _parse_ignore(statement: Statement, diagnostics: list[Diagnostic]) -> Ignore | None:
    """One of them; None when it lacks something."""
    assert statement.head is not None
    assert statement.id is not None
    before = len(diagnostics)
    code = statement.head.text
    if not (code.startswith("MD") and code[2:].isdecimal()):
        message = f"`{code}` is not the code of a finding"
        diagnostics.append(error("bad-code", message, statement.head.span, "such as MD012"))
    given: dict[str, str] = {}
    for item in statement.properties:
        if item.name not in _KEYS:
            message = f"`ignore` has no property `{item.name}`"
            help = Suggestion(item.name, _KEYS)
            diagnostics.append(error("unknown-property", message, item.name_span, ", ".join(_KEYS), help))
        elif item.name == "reason":
            given["reason"] = _reason(item, diagnostics)
        else:
            given["until"] = _last_day(item, diagnostics)
    for name, example in zip(_KEYS, ('reason "…"', "until 2027-01-31"), strict=True):
        if name not in given:
            message = f"`ignore` without `{name}`"
            diagnostics.append(
                error("missing-property", message, statement.keyword_span, "", f"write `{example}`")
            )
    if len(diagnostics) > before:
        return None
    return Ignore(code, statement.id.text, given["reason"], given["until"], statement.span)


def _reason(item: Property, diagnostics: list[Diagnostic]) -> str:
    """The text of a reason, which may not be empty."""
    if isinstance(item.value, String) and item.value.text.strip():
        return item.value.text
    diagnostics.append(
        error("wrong-type", "the reason is not a text", item.value.span, 'text in quotes, such as "name"')
    )
    return ""


def _last_day(item: Property, diagnostics: list[Diagnostic]) -> str:
    """The day as `YYYY-MM-DD`."""
    from datetime import date

    if isinstance(item.value, (Word, String)) and len(item.value.text) == 10:
        try:
            return date.fromisoformat(item.value.text).isoformat()
        except ValueError:
            pass
    diagnostics.append(
        error("wrong-type", "this is not a day", item.value.span, "YYYY-MM-DD, such as 2027-01-31")
    )
    return ""
