"""The syntax tree: what stands in a text, every node with its span.

A span is `(start, end, source)`: character offsets into the text of a source, which it names
itself, since the parts of one guest may come from several files.

The language has one shape of statement, so the tree has one record for it: a keyword, what
stands in its head, and the properties (of `host`: the statements) between its braces.
"""

from __future__ import annotations

from machdesc.record import Record
from machdesc.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Span: TypeAlias = tuple[int, int, Source]
    Value: TypeAlias = "Word | Number | String | List | Block"
    Scalar: TypeAlias = "Word | Number | String"


class Word(Record):
    """A bare word: `on`, `host`, `0000:03:00.0`."""

    text: str
    span: Span


class Number(Record):
    """A number as it was written, and its value: `8GiB` is 8589934592, a decimal a float.

    `unit` is the unit's text, or empty.
    """

    text: str
    value: int | float
    unit: str
    span: Span


class String(Record):
    """A quoted text, without its quotes and escapes."""

    text: str
    span: Span


class List(Record):
    """`[1, 2]`"""

    items: tuple[Value, ...]
    span: Span


class Block(Record):
    """`{ name value … }`; the span includes the braces."""

    properties: tuple[Property, ...]
    span: Span


class Property(Record):
    """`name value`; `start` is the offset of the name, in the source that the value's span names."""

    name: str
    value: Value
    start: int

    @property
    def span(self) -> Span:
        """Where both stand."""
        _, end, source = self.value.span
        return self.start, end, source

    @property
    def name_span(self) -> Span:
        """Where the name stands."""
        return self.start, self.start + len(self.name), self.value.span[2]


class Statement(Record):
    """One statement.

    `keyword` is the first word as it is written: `device`, `netdev`, `machine-type`, …
    `head` is what follows it: the type of a device, the model of a CPU, the kind of a netdev,
    the size of a memory, the path of an include, the kind of thing that `remove` removes.
    `base` is the name after `follows`. `block` is None when there are no braces; `statements`
    are those inside `host`. For `arguments`, `values` holds the list.
    """

    keyword: str
    head: Scalar | None
    version: Word | None
    id: Word | String | None
    address: Word | None
    base: Word | None
    block: Block | None
    statements: tuple[Statement, ...]
    values: List | None
    span: Span

    @property
    def keyword_span(self) -> Span:
        """Where the keyword stands."""
        start, _, source = self.span
        return start, start + len(self.keyword), source

    @property
    def properties(self) -> tuple[Property, ...]:
        """The properties of the block, none when there is no block."""
        return self.block.properties if self.block is not None else ()


class Header(Record):
    """`machdesc 1`"""

    version: Number
    span: Span


class Tree(Record):
    """All statements of a source, and its header (None when it has none).

    `plain` tells that no keyword stands where a name belongs.
    """

    source: Source
    header: Header | None
    statements: tuple[Statement, ...]
    plain: bool = False


def texts(value: Value) -> tuple[str, ...]:
    """All texts in a value, however deep."""
    if isinstance(value, Block):
        return tuple([text for item in value.properties for text in texts(item.value)])
    if isinstance(value, List):
        return tuple([text for entry in value.items for text in texts(entry)])
    return (value.text,)


def same(left: object, right: object) -> bool:
    """Whether two nodes (or tuples of nodes) say the same, wherever they stand."""
    return _shape(left) == _shape(right)


def _shape(node: object) -> object:
    """The node without its places, as nested tuples that begin with the record's name."""
    if isinstance(node, Tree):
        return ("Tree", _shape(node.header), _shape(node.statements))
    if isinstance(node, tuple):
        fields = getattr(node, "_fields", None)
        if fields is None:
            return tuple(_shape(item) for item in node)
        return (
            type(node).__name__,
            *(_shape(getattr(node, f)) for f in fields if f != "start" and not f.endswith("span")),
        )
    return node
