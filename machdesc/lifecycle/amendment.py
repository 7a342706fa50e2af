"""Amendments: versions, properties and statements that are to be written into a description's own file.

Nothing else of the text changes: no comment, no layout, no other file. What stands in an included
file is overridden in the description's own.
"""

from __future__ import annotations

import re

from machdesc.diagnostic import Diagnostic, error
from machdesc.model.guest import title
from machdesc.record import Record
from machdesc.source import Source, source_of
from machdesc.syntax.edit import Edit, add_statement, apply_edits, edit_statement, id_text
from machdesc.syntax.format import INDENT, quoted
from machdesc.syntax.parse import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.model.guest import Description
    from machdesc.syntax.tree import Statement

_PLAIN = re.compile(r'[^\s{}\[\]",#@]+').fullmatch
"""A bare word (grammar/machdesc.lark, WORD)."""


class Amendment(Record):
    """What one statement gets: another head (empty: its own), another version (empty: its own), and
    properties that it does not have, as (name, text of the value)."""

    statement: Statement
    head: str = ""
    version: str = ""
    properties: tuple[tuple[str, str], ...] = ()


def value_text(value: object) -> str:
    """A value as the language writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    text = str(value)
    return text if _PLAIN(text) else quoted(text)


def statement_text(words: str, properties: tuple[tuple[str, str], ...]) -> str:
    """A whole statement: its words, and its properties, on one line where they are few."""
    if not properties:
        return words
    pairs = [f"{name} {text}" for name, text in properties]
    if len(pairs) < 3 and sum(map(len, pairs)) < 60:
        return f"{words} {{ {'  '.join(pairs)} }}"
    return f"{words} {{\n" + "".join(f"{INDENT}{pair}\n" for pair in pairs) + "}"


def amended(
    description: Description, amendments: list[Amendment], statements: list[str]
) -> tuple[Source, list[Diagnostic]]:
    """The source of a description with its amendments, and `statements` added behind all others.

    Codes: not-overridable, for a statement of an included file that has no id.
    """
    source = description.source
    tree, _ = parse(source)
    own = {statement.keyword_span[0]: statement for statement in tree.statements}
    edits: list[Edit] = []
    more: list[str] = []
    diagnostics: list[Diagnostic] = []
    for amendment in amendments:
        start, _, home = amendment.statement.keyword_span
        if home is source:
            edits += _edits(own[start], amendment)
        else:
            override = _override(amendment, diagnostics)
            more += [override] if override else []
    more += statements
    if more:
        edits.append(add_statement(tree, "\n".join(more)))
    return source_of(apply_edits(source.text, edits), source.name), diagnostics


def _edits(statement: Statement, amendment: Amendment) -> list[Edit]:
    """The edits of one statement of the source's own tree."""
    head = statement.head
    assert head is not None
    edits = edit_statement(
        statement, version=amendment.version, properties=dict(amendment.properties) or None
    )
    if amendment.head and amendment.head != head.text:
        edits.append(Edit(*head.span[:2], amendment.head))
    return edits


def _override(amendment: Amendment, diagnostics: list[Diagnostic]) -> str:
    """A statement that overrides one of an included file; empty when it cannot be overridden."""
    statement = amendment.statement
    assert statement.head is not None
    if statement.keyword == "device" and statement.id is None:
        diagnostics.append(
            error(
                "not-overridable",
                f"{title(statement)} stands in an included file and has no id, so it cannot be overridden",
                statement.span,
                "",
                "give it an id, or change it in its own file",
            )
        )
        return ""
    version = amendment.version or (statement.version.text if statement.version is not None else "")
    words = [statement.keyword, amendment.head or statement.head.text]
    words += ["@", version] if version else []
    words += [id_text(statement.id.text)] if statement.id is not None else []
    return statement_text(" ".join(words), amendment.properties)
