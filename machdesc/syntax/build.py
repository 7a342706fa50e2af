"""Builders: what each rule of the grammar makes of its children.

A child is a token `(terminal, text, start, end)`, a node of the tree, a head part
`("@" | "at" | "id", node)`, or a list of such (what a repetition made). The parser calls these
as it reduces; the tests call the same ones over Lark's own tree.
"""

from __future__ import annotations

from machdesc.syntax.tree import Block, Header, List, Number, Property, Statement, String, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

UNITS = {"": 1, "B": 1} | {
    prefix + suffix: 1 << (10 * (power + 1))
    for power, prefix in enumerate("KMGTPE")
    for suffix in ("", "iB")
}
"""Factors of the units of memory: all are binary, as QEMU's are (qemu_strtosz)."""

_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Misplaced(Exception):
    """A property without a value on its line: `name` is the property's name token, `resume` the
    offset of what stands in the place of its value, the next lines' first token."""

    def __init__(self, name: tuple[str, str, int, int], resume: int) -> None:
        super().__init__()
        self.name = name
        self.resume = resume


def _word(children: list[Any], text: str) -> Word:
    _, word, start, end = children[0]
    return Word(word, (start, end))


def _number(children: list[Any], text: str) -> Number:
    _, word, start, end = children[0]
    if word.isdigit():
        return Number(word, int(word), "", (start, end))
    if "x" in word or "X" in word:
        return Number(word, int(word, 16), "", (start, end))
    digits = word.rstrip("KMGTPEiB")
    unit = word[len(digits) :]
    value = float(digits) if "." in digits else int(digits)
    value = value * UNITS[unit] if unit else value
    if unit and isinstance(value, float) and value.is_integer():
        value = int(value)
    return Number(word, value, unit, (start, end))


def _string(children: list[Any], text: str) -> String:
    _, word, start, end = children[0]
    word = word[1:-1]
    if "\\" in word:
        pieces = word.split("\\\\")
        for escape, character in _ESCAPES.items():
            if escape != "\\":
                pieces = [piece.replace("\\" + escape, character) for piece in pieces]
        word = "\\".join(pieces)
    return String(word, (start, end))


def _property(children: list[Any], text: str) -> Property:
    name, value = children
    start, end = name[2], value.span[1]
    if text.find("\n", name[3], value.span[0]) >= 0:
        raise Misplaced(name, value.span[0])
    return Property(name[1], value, (start, end), (start, name[3]))


def _block(children: list[Any], text: str) -> Block:
    return Block(tuple(children[1:-1]), (children[0][2], children[-1][3]))


def _list(children: list[Any], text: str) -> List:
    items = tuple(child for child in children if type(child) is not tuple)
    return List(items, (children[0][2], children[-1][3]))


def _id(children: list[Any], text: str) -> tuple[str, Word | String]:
    return "id", _string(children, text) if children[0][0] == "STRING" else _word(children, text)


def _version(children: list[Any], text: str) -> tuple[str, Word]:
    return "@", _word(children[1:], text)


def _place(children: list[Any], text: str) -> tuple[str, Word]:
    return "at", _word(children[1:], text)


def _header(children: list[Any], text: str) -> Header:
    return Header(_number(children[1:], text), (children[0][2], children[1][3]))


def _statement(children: list[Any], text: str) -> Statement:
    keyword = children[0]
    end: int = keyword[3]
    head = version = ident = address = base = block = values = None
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
                head = _number([child], text)
            elif terminal == "STRING":
                head = _string([child], text)
            elif follows:
                base = _word([child], text)
            else:
                head = _word([child], text)
    start = keyword[2]
    return Statement(
        keyword[1],
        head,
        version,
        ident,
        address,
        base,
        block,
        tuple(statements),
        values,
        (start, end),
        (start, keyword[3]),
    )


BUILDERS: dict[str, Callable[[list[Any], str], Any]] = {
    "word": _word,
    "number": _number,
    "string": _string,
    "property": _property,
    "block": _block,
    "list": _list,
    "id": _id,
    "version": _version,
    "place": _place,
    "header": _header,
}
"""Rule name -> builder, for the rules that are no statements."""


def builder(rule: str) -> Callable[[list[Any], str], Any]:
    """The builder of a rule that makes a node."""
    return BUILDERS.get(rule, _statement)
