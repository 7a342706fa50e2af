"""Writes statements of the language from plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from machdesc.importing.argument import Tree
from machdesc.importing.secret import sifted
from machdesc.lifecycle.amendment import value_text
from machdesc.syntax.edit import id_text, statement_text
from machdesc.syntax.format import quoted
from machdesc.syntax.tree import Block, List, Number, Statement, String

if TYPE_CHECKING:
    from machdesc.syntax.tree import Value


def statement(words: Iterable[str], properties: Mapping[str, Tree]) -> str:
    """A statement from its words and properties, without secrets and descriptors."""
    texts = {name: tree_text(value) for name, value in sifted(properties).kept.items()}
    return statement_text(" ".join(word for word in words if word), texts)


def tree_text(tree: Tree) -> str:
    """A value; nested ones as blocks and lists."""
    if isinstance(tree, dict):
        return "{ " + "  ".join(f"{name} {tree_text(value)}" for name, value in tree.items()) + " }"
    if isinstance(tree, list):
        return "[" + ", ".join(map(tree_text, tree)) + "]"
    return value_text(tree)


def node_text(node: Statement) -> str:
    """A statement of a tree."""
    words = [node.keyword]
    words += [_word(node.head)] if node.head is not None else []
    words += ["@", node.version.text] if node.version is not None else []
    if node.id is not None:
        words.append(quoted(node.id.text) if isinstance(node.id, String) else id_text(node.id.text))
    words += ["at", node.address.text] if node.address is not None else []
    if node.values is not None:
        words.append(_value(node.values))
    return statement_text(" ".join(words), {item.name: _value(item.value) for item in node.properties})


def head_text(head: str) -> str:
    """A head from the outside, such as the address of `vnc`: in quotes where it is no plain name."""
    return quoted(head) if ":" in head else value_text(head)


def _word(head: Value) -> str:
    return head_text(head.text) if isinstance(head, String) else _value(head)


def _value(value: Value) -> str:
    if isinstance(value, Block):
        return "{ " + "  ".join(f"{item.name} {_value(item.value)}" for item in value.properties) + " }"
    if isinstance(value, List):
        return "[" + ", ".join(map(_value, value.items)) + "]"
    if isinstance(value, Number):
        return value.text
    if isinstance(value, String):
        return value_text(value.text)
    return value.text
