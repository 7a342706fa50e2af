"""Parser: runs the LALR table over a text.

After this phase: a `Tree` of all statements that could be read, and a diagnostic for each
place where the text is not of the language. The text between the machdesc regions of a
literate file is passed over.
"""

from __future__ import annotations

import re

from machdesc.diagnostic import Diagnostic, error, file_error
from machdesc.source import Region, Source
from machdesc.syntax.build import Misplaced, builder, scalar
from machdesc.syntax.table import (
    ACTIONS,
    BARE,
    DEFAULTS,
    END,
    GOTOS,
    KEYWORDS,
    PUNCTUATION,
    RULES,
    SCANNER,
    START,
    WORDS,
)
from machdesc.syntax.tree import Header, Property, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_DEPTH = 64
"""How deep blocks and lists may nest; QEMU's own deepest block graphs need a dozen."""

MAX_ERRORS = 50
"""Syntax errors that are reported in one source before reading stops."""

_scan = re.compile(SCANNER).finditer


def _matcher(first: str, others: str, pattern: str) -> Callable[[str], object]:
    """Whether a bare word is of a terminal; see `WORDS`."""
    if pattern:
        return re.compile(pattern).fullmatch
    if not first:
        return bool
    return lambda word: word[0] in first and not word.strip(others)


_MATCHERS = {name: _matcher(*row) for name, row in WORDS.items()}
_BARE = tuple(tuple((name, _MATCHERS[name]) for name in names) for names in BARE)
_is_name, _is_number = _MATCHERS["NAME"], _MATCHERS["NUMBER"]

_new = tuple.__new__
_BEFORE_PROPERTY = {state: goes["property"] for state, goes in enumerate(GOTOS) if "property" in goes}
"""The states in which a property may begin, and those that one leads to."""

_REDUCTIONS = tuple((name, length, step, builder(name)) for name, length, step in RULES)


class Unexpected(Exception):
    """What stands at `[start, end)` fits nothing; `terminal` is what it is, or empty.

    With `resume`, it is a property without a value on its line; see `Misplaced`.
    """

    def __init__(self, start: int, end: int, terminal: str, resume: int | None = None) -> None:
        super().__init__()
        self.start = start
        self.end = end
        self.terminal = terminal
        self.resume = resume


def parse(source: Source) -> tuple[Tree, list[Diagnostic]]:
    """Parses all regions of a source."""
    header: Header | None = None
    statements: list[Any] = []
    diagnostics: list[Diagnostic] = []
    for region in source.regions:
        for node in _parse_region(source, region, diagnostics):
            if type(node) is not Header:
                statements.append(node)
            elif header is None and not statements:
                header = node
            else:
                diagnostics.append(
                    error(
                        "late-header", "the `machdesc` line is not the first one", node.span, "", "remove it"
                    )
                )
        if len(diagnostics) >= MAX_ERRORS:
            if diagnostics[-1].code != "too-many-errors":
                diagnostics.append(too_many_errors(source))
            break
    return Tree(source, header, tuple(statements)), diagnostics


def too_many_errors(source: Source) -> Diagnostic:
    """What is said where reading stops."""
    return file_error("too-many-errors", f"{MAX_ERRORS} errors or more; the rest was not read", source.name)


def _parse_region(source: Source, region: Region, diagnostics: list[Diagnostic]) -> list[Any]:
    """All nodes of a region, which recovery reads on after each error."""
    states = [START]
    values: list[Any] = []
    position = region.start
    while True:
        try:
            run(source, position, region.end, states, values)
        except Unexpected as unexpected:
            from machdesc.syntax.recover import recover

            resume = recover(source, region, states, values, unexpected, diagnostics)
            if resume is None:
                return _flattened(values)
            position = resume
        else:
            return _flattened(values)


def run(source: Source, start: int, end: int, states: list[int], values: list[Any]) -> None:
    """Runs the table over `[start, end)` of a source, on stacks that the caller owns.

    :raises Unexpected: at the first token that fits nothing; the stacks are those before it.
    """
    # Names of the module are looked up once: this loop runs for every token.
    all_actions, keywords, bare, defaults, blocks = ACTIONS, KEYWORDS, _BARE, DEFAULTS, _BEFORE_PROPERTY
    push_state, push_value, text = states.append, values.append, source.text
    position, state = start, states[-1]
    reading = True
    while reading:
        reading = False
        if state in blocks:
            position = _read_properties(source, position, end, states, values)
            state = states[-1]
        for match in _scan(text, position, end):
            kind = match.lastindex
            if kind is None:
                break
            word = match[kind]
            actions = all_actions[state]
            if kind == 3:
                terminal = keywords.get(word, "")
                if terminal not in actions:
                    for name, matches in bare[state]:
                        if matches(word):
                            terminal = name
                            break
                    else:
                        raise Unexpected(*match.span(3), "")
            elif kind == 2:
                terminal = PUNCTUATION[word]
            elif kind == 1:
                terminal = "STRING"
            else:
                raise Unexpected(*match.span(4), "")
            action = actions.get(terminal)
            while action is None or action < 0:
                if action is None:
                    raise Unexpected(*match.span(kind), terminal)
                state = _reduce(action, states, values, source)
                action = all_actions[state].get(terminal)
            token_start, token_end = match.span(kind)
            if (terminal == "LBRACE" or terminal == "LSQB") and len(states) > MAX_DEPTH:
                _check_depth(values, token_start, token_end)
            state = action - 1
            push_state(state)
            push_value((terminal, word, token_start, token_end))
            action = defaults[state]
            if action:
                state = _reduce(action, states, values, source)
            if state in blocks:
                position, reading = token_end, True
                break
    while states[-1] != END:
        action = ACTIONS[states[-1]].get("$END")
        if action is None:
            raise Unexpected(end, end, "$END")
        if action > 0:
            return
        _reduce(action, states, values, source)


def _read_properties(source: Source, start: int, end: int, states: list[int], values: list[Any]) -> int:
    """Reads the properties with plain values that stand at `start`; where the last one ends.

    It does what the table would do token by token, in less than half the time.
    """
    text, position, first = source.text, start, True
    name = ""
    name_start = name_end = start
    for match in _scan(text, start, end):
        kind = match.lastindex
        if kind != 3 and (kind != 1 or not name):
            break
        word = match[kind]
        if not name:
            if not _is_name(word):
                break
            name = word
            name_start, name_end = match.span(3)
            continue
        value_start, position_after = match.span(kind)
        if text.find("\n", name_end, value_start) >= 0:
            break
        terminal = "STRING" if kind == 1 else "NUMBER" if _is_number(word) else "WORD"
        value = scalar((terminal, word, value_start, position_after), source)
        span = name_start, position_after, source
        node = _new(Property, (name, value, span, (name_start, name_end, source)))
        name, position = "", position_after
        if first:
            state = _BEFORE_PROPERTY[states[-1]]
            states.append(state)
            values.append(node)
            _reduce(DEFAULTS[state], states, values, source)
            siblings, first = values[-1], False
        else:
            siblings.append(node)
    return position


def _reduce(action: int, states: list[int], values: list[Any], source: Source) -> int:
    """Reduces by a rule, and by all that follow whatever comes next; the state that this ends in."""
    while action:
        name, length, step, build = _REDUCTIONS[-action - 1]
        if step == "pass":
            states.pop()
        elif step == "append":
            del states[-length:]
            children = values[1 - length :]
            del values[1 - length :]
            values[-1] += children
        else:
            children = []
            if length:
                children = values[-length:]
                del states[-length:], values[-length:]
            if step == "splice":
                children = _flattened(children)
            if step == "new" or name == "start":
                values.append(children)
            else:
                try:
                    values.append(build(children, source))
                except Misplaced as misplaced:
                    _, _, start, end = misplaced.name
                    kind = "moved" if misplaced.moved else ""
                    raise Unexpected(start, end, kind, misplaced.resume) from None
        state = GOTOS[states[-1]][name]
        states.append(state)
        action = DEFAULTS[state]
    return state


def _flattened(children: list[Any]) -> list[Any]:
    """The children with the lists among them spliced in."""
    flat: list[Any] = []
    for child in children:
        if type(child) is list:
            flat.extend(child)
        else:
            flat.append(child)
    return flat


def _check_depth(values: list[Any], start: int, end: int) -> None:
    """:raises Unexpected: when more than `MAX_DEPTH` brackets are open."""
    if sum(type(v) is tuple and v[0] in ("LBRACE", "LSQB") for v in values) >= MAX_DEPTH:
        raise Unexpected(start, end, "too-deep")
