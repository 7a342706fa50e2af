"""The canonical form of a text: same statements, same comments, one layout.

What is kept: the order, which properties share a line, one blank line where there were some,
every comment, the way a number is written. What is made equal: indentation (two spaces),
spaces, quotes and escapes, commas in lists, braces. Only machdesc regions are touched.
"""

from __future__ import annotations

import re
from collections import deque

from machdesc.source import Region
from machdesc.syntax.form import COMMENT, STRING
from machdesc.syntax.tree import Block, List, Property, Statement, String, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Value, Word

INDENT = "  "

_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t"}
_comments = re.compile(f"{STRING}|({COMMENT})").finditer


def format_tree(tree: Tree) -> str:
    """The whole text of a source in canonical form; its tree must be free of errors."""
    source = tree.source
    text = source.text
    pieces = []
    position = 0
    for region in source.regions:
        pieces.append(text[position : region.start])
        formatted = _format_region(tree, region)
        if "\r\n" in text[region.start : region.end]:
            formatted = formatted.replace("\n", "\r\n")
        pieces.append(formatted)
        position = region.end
    pieces.append(text[position:])
    return "".join(pieces)


def quoted(text: str) -> str:
    """A text in quotes, with its escapes."""
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


def _format_region(tree: Tree, region: Region) -> str:
    writer = _Writer(tree.source.text, region)
    if tree.header is not None and region.start <= tree.header.span[0] < region.end:
        writer.begin(tree.header.span[0])
        writer.add(f"machdesc {tree.header.version.text}", tree.header.span[1])
    for statement in tree.statements:
        if region.start <= statement.span[0] < region.end:
            _write_statement(writer, statement)
    return writer.finish()


def _write_statement(writer: _Writer, statement: Statement) -> None:
    """A statement on a line of its own, its block behind it."""
    body = statement.block.span[0] if statement.block else statement.span[1]
    if statement.values is not None:
        body = statement.values.span[0]
    if statement.keyword == "host":
        body = writer.text.index("{", statement.keyword_span[1])
        for start, end in writer.comments:
            if start > body:
                break
            if body < end:
                body = writer.text.index("{", end)
    writer.begin(statement.span[0], body)
    words = [statement.keyword]
    if statement.head is not None:
        words.append(_inline(statement.head))
    if statement.base is not None:
        words += ["follows", statement.base.text]
    if statement.version is not None:
        words += ["@", statement.version.text]
    if statement.id is not None:
        words.append(_inline(statement.id))
    if statement.address is not None:
        words += ["at", statement.address.text]
    writer.add(" ".join(words), body)
    if statement.block is not None:
        writer.add(" ", body)
        _write_value(writer, statement.block)
    elif statement.values is not None:
        writer.add(" ", body)
        _write_value(writer, statement.values)
    elif statement.keyword == "host":
        _write_host(writer, statement, body)


def _write_host(writer: _Writer, host: Statement, brace: int) -> None:
    """The statements of `host`, each on its line."""
    if not host.statements and not writer.has_comment(host.span[1]):
        writer.add(" {}", host.span[1])
        return
    writer.open(" {", brace + 1)
    for statement in host.statements:
        _write_statement(writer, statement)
    writer.close("}", host.span[1])


def _write_value(writer: _Writer, value: Value) -> None:
    """A value; blocks and lists that span lines keep doing so."""
    if isinstance(value, Block):
        if writer.spans_lines(*value.span[:2]):
            writer.open("{", value.span[0] + 1)
            previous: Property | None = None
            for item in value.properties:
                if previous is None or writer.spans_lines(previous.span[1], item.span[0]):
                    writer.begin(item.span[0])
                else:
                    writer.add("  ", item.span[0])
                writer.add(item.name + " ", item.value.span[0])
                _write_value(writer, item.value)
                previous = item
            writer.close("}", value.span[1])
            return
    elif isinstance(value, List) and writer.spans_lines(*value.span[:2]):
        writer.open("[", value.span[0] + 1)
        for entry in value.items:
            writer.begin(entry.span[0])
            _write_value(writer, entry)
            writer.add(",", entry.span[1])
        writer.close("]", value.span[1])
        return
    writer.add(_inline(value), value.span[1])


def _inline(value: Value | Word | String) -> str:
    """A value on one line."""
    if isinstance(value, String):
        return quoted(value.text)
    if isinstance(value, List):
        return "[" + ", ".join(_inline(item) for item in value.items) + "]"
    if isinstance(value, Block):
        inside = "  ".join(f"{item.name} {_inline(item.value)}" for item in value.properties)
        return f"{{ {inside} }}" if inside else "{}"
    return value.text


class _Writer:
    """Lines in the making, and the comments that have not found their place yet."""

    def __init__(self, text: str, region: Region) -> None:
        self.text = text
        self.comments = deque(m.span() for m in _comments(text, region.start, region.end) if m[1])
        self._end = region.end
        self._lines: list[str] = []
        self._line = ""
        self._depth = 0
        self._position = region.start
        self._opened = True
        self._started = False

    def spans_lines(self, start: int, end: int) -> bool:
        """Whether a stretch of the source has a new line in it."""
        return self.text.find("\n", start, end) >= 0

    def has_comment(self, before: int) -> bool:
        """Whether a comment waits that stands before an offset."""
        return bool(self.comments) and self.comments[0][0] < before

    def begin(self, start: int, body: int | None = None) -> None:
        """Begins a line for what stands at `start`; comments up to `body` go before it."""
        self._flush(start)
        inner = []
        while body is not None and self.has_comment(body):
            inner.append(self.comments.popleft())
        for comment in inner:
            self._new_line(start)
            self._line += self.text[comment[0] : comment[1]].rstrip()
            self._position = start
        self._new_line(start)

    def add(self, text: str, end: int) -> None:
        """Adds to the line; `end` is where it ends in the source."""
        self._line += text
        self._position = max(self._position, end)

    def open(self, bracket: str, end: int) -> None:
        """Opens a bracket whose inside has lines of its own."""
        self.add(bracket, end)
        self._depth += 1
        self._opened = True

    def close(self, bracket: str, end: int) -> None:
        """Closes it, on a line of its own."""
        self._flush(end)
        self._depth -= 1
        self._opened = True
        self._new_line(end)
        self._opened = False
        self.add(bracket, end)

    def finish(self) -> str:
        """All lines, each with its end."""
        self._flush(self._end)
        if self._started:
            self._lines.append(self._line.rstrip())
        return "".join(line + "\n" for line in self._lines)

    def _flush(self, before: int) -> None:
        """Writes the comments before an offset: behind the line they stood behind, or alone."""
        while self.has_comment(before):
            start, end = self.comments.popleft()
            comment = self.text[start:end].rstrip()
            if self._started and not self.spans_lines(self._position, start):
                self._line += "  " + comment
            else:
                self._new_line(start)
                self._line += comment
            self._position = end

    def _new_line(self, start: int) -> None:
        """Ends the line, with a blank one behind it where the source has one."""
        if self._started:
            self._lines.append(self._line.rstrip())
            if not self._opened and self.text.count("\n", self._position, start) > 1:
                self._lines.append("")
        self._started = True
        self._opened = False
        self._line = INDENT * self._depth
