"""Edits: changes of a text that leave all else in it as it stands, comments and layout too.

An edit replaces a stretch of a source by other characters; what makes edits takes statements of
that source's own tree, not merged ones, whose parts may come from several files. Edits are made
first and applied together, since each is told in offsets of the text as it was.
"""

from __future__ import annotations

from machdesc.record import Record
from machdesc.syntax.form import KEYWORDS, WORDS
from machdesc.syntax.format import INDENT, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from machdesc.source import Source
    from machdesc.syntax.tree import Block, Header, Span, Statement, Tree

_LONGEST_LINE = 100
"""Characters that a line of a new block may have before each property gets a line of its own."""


class Edit(Record):
    """Replaces the characters `[start, end)` of a source by `text`; an insertion where both are equal.

    What is `behind` stands behind all other insertions at its place, as a statement does behind the
    parts of the one before it.
    """

    start: int
    end: int
    text: str
    behind: bool = False


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits; insertions at one place stand in the order in which they are given.

    :raises ValueError: when two of them overlap, which is a bug of who made them.
    """
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end, edit.behind)):
        if edit.start < position:
            raise ValueError(f"overlapping edits at {edit.start}")
        pieces += text[position : edit.start], edit.text
        position = edit.end
    return "".join(pieces) + text[position:]


def edit_statement(
    statement: Statement,
    version: str = "",
    id: str = "",
    address: str = "",
    properties: Mapping[str, str] | None = None,
) -> list[Edit]:
    """Sets parts of a statement; what is not named stays.

    `properties` are names and the texts of their values, as they shall stand. A part that is there
    is replaced; a new property goes behind the last one, into a block that is made where there is
    none.
    """
    assert statement.head is not None
    edits = []
    end = statement.head.span[1]
    parts = (
        (statement.version, version, "@ " + version),
        (statement.id, id, id_text(id)),
        (statement.address, address, "at " + address),
    )
    for node, wanted, spelled in parts:
        if node is not None:
            if wanted and node.text != wanted:
                edits.append(Edit(*node.span[:2], id_text(id) if node is statement.id else wanted))
            end = node.span[1]
        elif wanted:
            edits.append(Edit(end, end, " " + spelled))
    if properties:
        edits += _edit_block(statement, properties, end)
    return edits


def id_text(id: str) -> str:
    """An id as it is written: what is no NAME of the grammar, or a keyword, stands in quotes."""
    first, others = WORDS["NAME"]
    is_name = id[:1] in first and not id[1:].strip(others) and id not in KEYWORDS
    return id if id and is_name else quoted(id)


def statement_text(words: str, properties: Mapping[str, str]) -> str:
    """A new statement: its words, and a block for its properties where there are some."""
    if not properties:
        return words
    pairs = [f"{name} {value}" for name, value in properties.items()]
    return f"{words} {{\n" + "".join(f"{INDENT}{pair}\n" for pair in pairs) + "}"


def add_statement(tree: Tree, text: str, after: Statement | Header | None = None) -> Edit:
    """Inserts lines of text, without their last line's end, behind a statement of a tree, or its header.

    Without one they stand behind the last statement outside `host`, or else behind the header.
    """
    source = tree.source
    if after is None:
        promised = [s for s in tree.statements if s.keyword != "host"]
        after = promised[-1] if promised else tree.header
    end = after.span[1] if after is not None else 0
    line_end = _code_end(source, end)
    newline = _newline(source)
    text = newline * 2 + text.replace("\n", newline)
    if line_end is None:
        return Edit(end, end, text + newline, True)
    return Edit(line_end, line_end, text, True)


def _edit_block(statement: Statement, properties: Mapping[str, str], end: int) -> list[Edit]:
    """Sets properties of a statement whose head ends at an offset."""
    block = statement.block
    if block is None:
        return [Edit(end, end, " " + _new_block(statement.span, properties))]
    edits = []
    new = dict(properties)
    for item in block.properties:
        value = new.pop(item.name, None)
        start, stop, source = item.value.span
        if value is not None and source.text[start:stop] != value:
            edits.append(Edit(start, stop, value))
    if new:
        edits += _insert(statement, block, new)
    return edits


def _new_block(span: Span, properties: Mapping[str, str]) -> str:
    """A block: on the statement's line where that is short enough."""
    start, stop, source = span
    pairs = [f"{name} {value}" for name, value in properties.items()]
    line = f"{{ {'  '.join(pairs)} }}"
    if len(pairs) == 1 and stop - start + len(line) < _LONGEST_LINE:
        return line
    indent = _newline(source) + _indent(source, start)
    return "{" + "".join(f"{indent}{INDENT}{pair}" for pair in pairs) + indent + "}"


def _insert(statement: Statement, block: Block, properties: Mapping[str, str]) -> list[Edit]:
    """Puts new properties behind those of a block, in lines of their own if its own have them or the
    line becomes too long."""
    start, stop, source = block.span
    text = source.text
    pairs = [f"{name} {value}" for name, value in properties.items()]
    last = block.properties[-1] if block.properties else None
    behind = last.span[1] if last is not None else start + 1
    newline = text.find("\n", behind, stop)
    margin = _newline(source) + _indent(source, statement.span[0])
    if newline < 0:
        line = "".join("  " + pair for pair in pairs)
        if stop - statement.span[0] + len(line) < _LONGEST_LINE or "\n" in text[start:stop]:
            if last is None:
                return [Edit(start + 1, stop - 1, f" {'  '.join(pairs)} ")]
            return [Edit(behind, behind, line)]
        lines = "".join(f"{margin}{INDENT}{pair}" for pair in pairs) + margin
        if last is None:
            return [Edit(start + 1, stop - 1, lines)]
        first = Edit(start + 1, block.properties[0].span[0], margin + INDENT)
        return [first, Edit(behind, stop - 1, lines)]
    if text[newline - 1] == "\r":
        newline -= 1
    if last is not None and text.find("\n", start, last.span[0]) >= 0:
        indent = _indent(source, last.span[0])
    else:
        indent = _indent(source, statement.span[0]) + INDENT
    return [Edit(newline, newline, "".join(f"{_newline(source)}{indent}{pair}" for pair in pairs))]


def _code_end(source: Source, offset: int) -> int | None:
    """The end of the line of an offset, if nothing but a comment stands behind it."""
    end = source.text.find("\n", offset)
    end = len(source.text) if end < 0 else end
    rest = source.text[offset:end].strip()
    if rest and not rest.startswith("#"):
        return None
    return end - 1 if source.text[end - 1 : end] == "\r" and end > offset else end


def _indent(source: Source, offset: int) -> str:
    """The white space with which the line of an offset begins."""
    line = source.text[source.text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _newline(source: Source) -> str:
    """How the lines of a source's first region end."""
    region = source.regions[0]
    return "\r\n" if "\r\n" in source.text[region.start : region.end] else "\n"
