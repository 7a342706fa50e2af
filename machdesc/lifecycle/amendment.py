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
from machdesc.syntax.format import INDENT, quoted
from machdesc.syntax.parse import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.model.guest import Description
    from machdesc.syntax.tree import Statement

    Edit = tuple[int, int, str]

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
    return f"{words} {_block_text([f'{name} {text}' for name, text in properties], '')}"


def amended(
    description: Description, amendments: list[Amendment], statements: list[str]
) -> tuple[Source, list[Diagnostic]]:
    """The source of a description with its amendments, and `statements` added behind all others.

    Codes: not-overridable, for a statement of an included file that has no id.
    """
    source = description.source
    edits: list[Edit] = []
    more: list[str] = []
    diagnostics: list[Diagnostic] = []
    for amendment in amendments:
        if amendment.statement.keyword_span[2] is source:
            edits += _edits(source, amendment)
        else:
            override = _override(amendment, diagnostics)
            more += [override] if override else []
    more += statements
    if more:
        edits.append(_addition(source, more))
    text = source.text
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + _with_ends(source, new) + text[end:]
    return source_of(text, source.name), diagnostics


def _edits(source: Source, amendment: Amendment) -> list[Edit]:
    """The edits of one statement, which stands in the source itself."""
    statement, version = amendment.statement, amendment.version
    head = statement.head
    assert head is not None
    edits: list[Edit] = []
    if amendment.head and amendment.head != head.text:
        edits.append((*head.span[:2], amendment.head))
    if version and statement.version is not None and statement.version.span[2] is source:
        edits.append((*statement.version.span[:2], version))
    elif version:
        edits.append((head.span[1], head.span[1], f" @ {version}"))
    if amendment.properties:
        lines = [f"{name} {text}" for name, text in amendment.properties]
        edits.append(_block_edit(source, statement, lines))
    return edits


def _block_edit(source: Source, statement: Statement, lines: list[str]) -> Edit:
    """Properties at the end of a block, or a block behind a statement that has none."""
    text = source.text
    block = statement.block
    margin = _margin(text, statement.span[0])
    if block is None or block.span[2] is not source:
        end = statement.span[1]
        return end, end, " " + _block_text(lines, margin)
    start, end = block.span[:2]
    if "\n" not in text[start:end]:
        kept = [text[slice(*item.span[:2])] for item in block.properties if item.span[2] is source]
        return start, end, _block_text([*kept, *lines], margin)
    line = text.rfind("\n", 0, end - 1) + 1
    if text[line : end - 1].strip():
        return end - 1, end - 1, "".join(f"\n{margin}{INDENT}{one}" for one in lines) + f"\n{margin}"
    return line, line, "".join(f"{margin}{INDENT}{one}\n" for one in lines)


def _block_text(lines: list[str], margin: str) -> str:
    """A block: up to two short properties share the line of its braces."""
    if len(lines) < 3 and sum(map(len, lines)) < 60:
        return "{ " + "  ".join(lines) + " }"
    return "{\n" + "".join(f"{margin}{INDENT}{line}\n" for line in lines) + f"{margin}}}"


def _margin(text: str, offset: int) -> str:
    """The white space that a line begins with."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line if not line.strip() else line[: len(line) - len(line.lstrip())]


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
    words += [value_text(statement.id.text)] if statement.id is not None else []
    return statement_text(" ".join(words), amendment.properties)


def _addition(source: Source, statements: list[str]) -> Edit:
    """New statements behind the last one of the file that does not stand in or behind `host`."""
    text = source.text
    tree, _ = parse(source)
    others = [statement for statement in tree.statements if statement.keyword != "host"]
    if others:
        end = others[-1].span[1]
    else:
        end = tree.header.span[1] if tree.header is not None else source.regions[-1].start
    stop = text.find("\n", end)
    stop = stop if stop >= 0 else len(text)
    rest = text[end:stop].strip()
    added = "\n\n" + "\n".join(statements)
    if not rest or rest.startswith("#"):
        return stop, stop, added
    return end, end, added + "\n\n"


def _with_ends(source: Source, text: str) -> str:
    return text.replace("\n", "\r\n") if "\r\n" in source.text else text
