"""Builders: what each rule of the grammar makes of its children.

A child is a token `(terminal, text, start, end)`, a node of the tree, a head part
`("@" | "at" | "id", node)`, or a list of such (what a repetition made). The parser calls these
as it reduces; the tests call the same ones over Lark's own tree.
"""

from __future__ import annotations

from machdesc.source import Source
from machdesc.syntax.tree import Block, Header, List, Number, Property, Statement, String, Word
from machdesc.syntax.value import parse_number, scalar, unescaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_new = tuple.__new__
"""Makes the commonest nodes without the detour over a named tuple's own constructor."""


class Misplaced(Exception):
    """A property without a value on its line: `name` is the property's name token.

    What stands on a later line is `moved` when it can only be the value, not the name of the
    next property; reading goes on at the offset `resume`, behind such a value, or at the name.
    """

    def __init__(self, name: tuple[str, str, int, int], resume: int, moved: bool) -> None:
        super().__init__()
        self.name = name
        self.resume = resume
        self.moved = moved


def _word(token: tuple[str, str, int, int], source: Source) -> Word:
    _, word, start, end = token
    return _new(Word, (word, (start, end, source)))


def _number(token: tuple[str, str, int, int], source: Source) -> Number:
    _, word, start, end = token
    value, unit = parse_number(word) or (0, "")
    return _new(Number, (word, value, unit, (start, end, source)))


def _string(token: tuple[str, str, int, int], source: Source) -> String:
    _, word, start, end = token
    return _new(String, (unescaped(word[1:-1]), (start, end, source)))


def _property(children: list[Any], source: Source) -> Property:
    name, value = children
    if type(value) is tuple:
        value = scalar(value[1], value[2], value[3], source)
    if source.text.find("\n", name[3], value.span[0]) >= 0:
        moved = type(value) is not Word
        raise Misplaced(name, value.span[1 if moved else 0], moved)
    return _new(Property, (name[1], value, name[2]))


def _block(children: list[Any], source: Source) -> Block:
    return _new(Block, (tuple(children[1:-1]), (children[0][2], children[-1][3], source)))


def _list(children: list[Any], source: Source) -> List:
    items = tuple(
        scalar(child[1], child[2], child[3], source) if type(child) is tuple else child
        for child in children[1:-1]
        if type(child) is not tuple or child[0] != "COMMA"
    )
    return List(items, (children[0][2], children[-1][3], source))


def _id(children: list[Any], source: Source) -> tuple[str, Word | String]:
    return "id", _string(children[0], source) if children[0][0] == "STRING" else _word(children[0], source)


def _version(children: list[Any], source: Source) -> tuple[str, Word]:
    return "@", _word(children[1], source)


def _place(children: list[Any], source: Source) -> tuple[str, Word]:
    return "at", _word(children[1], source)


def _header(children: list[Any], source: Source) -> Header:
    return Header(_number(children[1], source), (children[0][2], children[1][3], source))


def _statement(children: list[Any], source: Source) -> Statement:
    keyword = children[0]
    end: int = keyword[3]
    head: Word | Number | String | None = None
    version = ident = address = base = block = values = None
    statements: list[Statement] = []
    follows = False
    for child in children[1:]:
        kind = type(child)
        if kind is Block:
            block = child
            end = child.span[1]
        elif kind is Statement:
            statements.append(child)
        elif kind is List:
            values = child
            end = child.span[1]
        elif len(child) == 2:
            part, node = child
            if part == "@":
                version = node
            elif part == "at":
                address = node
            else:
                ident = node
            end = node.span[1]
        else:
            terminal = child[0]
            end = child[3]
            if terminal == "FOLLOWS":
                follows = True
            elif terminal == "LBRACE" or terminal == "RBRACE":
                pass
            elif terminal == "NUMBER":
                head = _number(child, source)
            elif terminal == "STRING":
                head = _string(child, source)
            elif follows:
                base = _word(child, source)
            else:
                head = _word(child, source)
    fields = (
        keyword[1],
        head,
        version,
        ident,
        address,
        base,
        block,
        tuple(statements),
        values,
        (keyword[2], end, source),
    )
    return _new(Statement, fields)


BUILDERS: dict[str, Callable[[list[Any], Source], Any]] = {
    "property": _property,
    "block": _block,
    "list": _list,
    "id": _id,
    "subject": _id,
    "version": _version,
    "place": _place,
    "header": _header,
}
"""Rule name -> builder, for the rules that are no statements."""


def builder(rule: str) -> Callable[[list[Any], Source], Any]:
    """The builder of a rule that makes a node."""
    return BUILDERS.get(rule, _statement)
