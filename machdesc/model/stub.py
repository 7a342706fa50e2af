"""Statements that end too early: the keyword of the next line has been taken for their name.

`guest`, and `machine q35` below it, is for the grammar a guest called `machine`, and what is wrong shows
one word later, or not at all.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.syntax.form import KEYWORDS
from machdesc.syntax.tree import Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Span, Statement, Tree

_FORMS = {
    "guest": "guest NAME",
    "machine": "machine TYPE @ VERSION",
    "machine-type": "machine-type NAME",
    "cpu": "cpu MODEL",
    "numa": "numa KIND",
    "device": "device TYPE",
    "object": "object TYPE ID",
    "global": "global TYPE",
    "fw_cfg": "fw_cfg NAME",
    "accel": "accel KIND",
    "drive": "drive ID",
    "display": "display KIND",
    "monitor": "monitor CHARDEV",
    **{name: f"{name} KIND ID" for name in ("netdev", "chardev", "blockdev", "audiodev", "tpmdev", "fsdev")},
}
"""Keyword -> how a statement begins that takes any word for its name."""

_LINES_ABOVE = 20
"""How far above a syntax error its cause is looked for."""


def explain_stubs(tree: Tree, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics of a parsed text, with those that a stub causes told as such; code unfinished."""
    found = [_of_syntax(diagnostic) or diagnostic for diagnostic in diagnostics]
    for statement in tree.statements:
        for part in (statement, *statement.statements):
            stub = _of_statement(part)
            if stub is not None and stub not in found:
                found.append(stub)
    return found


def _of_statement(statement: Statement) -> Diagnostic | None:
    """A statement whose head or id is a keyword that stands in a line below."""
    for name in (statement.head, statement.id):
        if not isinstance(name, Word) or name.text not in KEYWORDS or statement.keyword not in _FORMS:
            continue
        start, _, source = statement.keyword_span
        before = source.text[start : name.span[0]]
        if "\n" in before:
            first = before.partition("\n")[0].partition("#")[0].rstrip()
            return _stub(first, name.text, (start, start + len(first), source))
    return None


def _of_syntax(diagnostic: Diagnostic) -> Diagnostic | None:
    """What is behind a syntax error next to a keyword at the beginning of a line."""
    if diagnostic.code != "syntax" or diagnostic.span is None:
        return None
    source = diagnostic.span[2]
    text = source.text
    start = text.rfind("\n", 0, diagnostic.span[0]) + 1
    keyword = text[start : diagnostic.span[0]].strip()
    if keyword not in KEYWORDS:
        return None
    for _ in range(_LINES_ABOVE):
        end = start - 1
        if end < 0:
            break
        start = text.rfind("\n", 0, end) + 1
        line = text[start:end].partition("#")[0]
        words = line.split(None, 3)
        if words:
            names = sum(word.isupper() for word in _FORMS.get(words[0], "").partition(" @")[0].split())
            start += len(line) - len(line.lstrip())
            span = start, start + len(line.strip()), source
            return _stub(line.strip(), keyword, span) if len(words) == names else None
    return None


def _stub(text: str, keyword: str, span: Span) -> Diagnostic:
    return error(
        "unfinished",
        f"`{text}` is not complete, and the `{keyword}` below is taken for the rest of it",
        span,
        _FORMS[text.split(None, 1)[0]],
        f"finish `{text}` on its line",
    )
