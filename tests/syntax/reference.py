"""What the grammar says, by Lark itself: the judge of the table that the parser runs on.

Lark's contextual lexer chooses what a bare word is before the parser has reduced what stands
before it, so in `[x y]` it takes `y` for a property's name and fails. The judge therefore has
two steps: Lark as it is, and where that fails, Lark's parser with a lexer that asks it which
terminals it would really accept. The second is slow, and says what the grammar means.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lark import Lark, Token
from lark import Tree as LarkTree
from lark.exceptions import LarkError, UnexpectedInput

from machdesc.source import Source
from machdesc.syntax.build import Misplaced, builder
from machdesc.syntax.generate import lark_parser
from machdesc.syntax.tree import Header, Tree

_PASSED_ON = ("kind", "backend")


@cache
def _lark() -> Lark:
    return lark_parser()


@cache
def _terminals() -> tuple[list[tuple[str, re.Pattern[str]]], re.Pattern[str]]:
    lark = _lark()
    ordered = sorted(lark.terminals, key=lambda t: -t.priority)
    ignored = "|".join(t.pattern.to_regexp() for t in lark.terminals if t.name in lark.ignore_tokens)
    wanted = [
        (t.name, re.compile(t.pattern.to_regexp())) for t in ordered if t.name not in lark.ignore_tokens
    ]
    return wanted, re.compile(f"(?:{ignored})*")


def _by_accepted_terminals(text: str) -> Any:
    """Lark's tree, each word taken for the best terminal that the parser accepts there.

    :raises LarkError: when none fits.
    """
    terminals, ignored = _terminals()
    parser: Any = _lark().parse_interactive("")
    position = 0
    while True:
        skipped = ignored.match(text, position)
        position = skipped.end() if skipped else position
        if position == len(text):
            return parser.feed_eof()
        accepted = parser.accepts()
        for name, pattern in terminals:
            match = pattern.match(text, position) if name in accepted else None
            if match:
                parser.feed_token(Token(name, match[0], position, end_pos=match.end()))
                position = match.end()
                break
        else:
            raise LarkError(f"nothing fits at {position}")


def reference(source: Source) -> Tree | None:
    """The tree of a raw source, None when the grammar does not have it."""
    region = source.regions[0]
    text = source.text[region.start : region.end]
    try:
        try:
            lark_tree: Any = _lark().parse(text)
        except UnexpectedInput:
            lark_tree = _by_accepted_terminals(text)
        nodes = [_built(child, source, region.start) for child in lark_tree.children]
    except (LarkError, Misplaced):
        return None
    header = nodes[0] if nodes and isinstance(nodes[0], Header) else None
    return Tree(source, header, tuple(nodes[1:] if header else nodes))


def _built(node: Any, source: Source, offset: int) -> Any:
    """What the builders make of a node of Lark's tree."""
    if isinstance(node, Token):
        start, end = node.start_pos or 0, node.end_pos or 0
        return node.type, str(node), start + offset, end + offset
    assert isinstance(node, LarkTree)
    rule = str(node.data)
    assert rule not in _PASSED_ON
    return builder(rule)([_built(child, source, offset) for child in node.children], source)
