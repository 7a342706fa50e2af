"""Table driver: runs the LALR table over tokens, up to the first one that fits nothing."""

from __future__ import annotations

from machdesc.source import Source
from machdesc.syntax.build import Misplaced, builder
from machdesc.syntax.form import KEYWORDS, PUNCTUATION, WORDS
from machdesc.syntax.scan import Tokens
from machdesc.syntax.table import ACTIONS, BARE, DEFAULTS, END, GOTOS, RULES
from machdesc.syntax.value import parse_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_DEPTH = 64
"""How deep blocks and lists may nest; QEMU's own deepest block graphs need a dozen."""


def _matcher(first: str, others: str) -> Callable[[str], object]:
    """Whether a bare word is of a terminal; see `WORDS`."""
    return lambda word: word[0] in first and not word[1:].strip(others)


_MATCHERS = {name: _matcher(*row) for name, row in WORDS.items()} | {"NUMBER": parse_number, "WORD": bool}
_BARE = tuple(tuple((name, _MATCHERS[name]) for name in names) for names in BARE)
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


def run(source: Source, tokens: Tokens, index: int, states: list[int], values: list[Any]) -> None:
    """Runs the table over the tokens from `index` on, on stacks that the caller owns.

    :raises Unexpected: at the first token that fits nothing; the stacks are those before it.
    """
    # Names of the module are looked up once: this loop runs for every token.
    all_actions, keywords, bare, defaults = ACTIONS, KEYWORDS, _BARE, DEFAULTS
    push_state, push_value, punctuation = states.append, values.append, PUNCTUATION
    words, starts, count, state = tokens.words, tokens.starts, len(tokens.words), states[-1]
    while index < count:
        word = words[index]
        actions = all_actions[state]
        start = starts[index]
        end = start + len(word)
        index += 1
        if word in punctuation:
            terminal = punctuation[word]
        elif word[0] == '"':
            if len(word) == 1:
                raise Unexpected(start, end, "")
            terminal = "STRING"
        else:
            terminal = keywords.get(word, "")
            if terminal not in actions:
                for name, matches in bare[state]:
                    if matches(word):
                        terminal = name
                        break
                else:
                    raise Unexpected(start, end, "")
        action = actions.get(terminal)
        while action is None or action < 0:
            if action is None:
                raise Unexpected(start, end, terminal)
            state = _reduce(action, states, values, source)
            action = all_actions[state].get(terminal)
        if (terminal == "LBRACE" or terminal == "LSQB") and len(states) > MAX_DEPTH:
            _check_depth(values, start, end)
        state = action - 1
        push_state(state)
        push_value((terminal, word, start, end))
        action = defaults[state]
        if action:
            state = _reduce(action, states, values, source)
    while states[-1] != END:
        action = ACTIONS[states[-1]].get("$END")
        if action is None:
            raise Unexpected(tokens.end, tokens.end, "$END")
        if action > 0:
            return
        _reduce(action, states, values, source)


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
                children = flattened(children)
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


def flattened(children: list[Any]) -> list[Any]:
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
