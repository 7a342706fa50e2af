"""Reader: the nodes of a text that is plainly of the language.

Each statement is a keyword and parts in a fixed order, some of which may be left out; `FORMS`
says which, as the generator found them in the grammar. Nearly every text is read by that alone,
in half the time that the LALR table takes. Whatever does not fit, or fits in more than one way
(a keyword where a name may stand), is left to the table: it decides, and explains. The tests
hold both against Lark.
"""

from __future__ import annotations

from machdesc.memo import Memo
from machdesc.source import Source
from machdesc.syntax.form import FORMS, HOST_FORMS, KEYWORDS, PUNCTUATION, WORDS
from machdesc.syntax.scan import Tokens
from machdesc.syntax.tree import Block, Header, List, Number, Property, Statement, String, Word
from machdesc.syntax.value import SCALARS, parse_number, scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from machdesc.syntax.tree import Value

_DEEPEST = 16
"""How deep values nest that are read here."""


def _of(terminal: str, but: Container[str] = ()) -> Memo[bool]:
    """Whether a word is of a terminal, but for some words."""
    first, others = WORDS[terminal]
    firsts = frozenset(first)
    return Memo(lambda word: word[:1] in firsts and word not in but and not word.strip(others))


_IS_NAME = _of("NAME")
_IS_FREE_NAME = _of("NAME", KEYWORDS)
"""Whether a word can be a name, and whether it can be nothing but a name."""

_IS_VERSION = _of("VERSION")
_IS_ADDRESS = _of("ADDRESS")

_new = tuple.__new__


class NotPlain(Exception):
    """The text is for the table to read."""


def read(source: Source, tokens: Tokens) -> list[Header | Statement]:
    """All nodes of a region.

    :raises NotPlain: when the table has to read it.
    """
    nodes: list[Header | Statement] = []
    # An empty word at the end fits nothing, so that nobody has to ask whether there is another one.
    words, starts = [*tokens.words, ""], [*tokens.starts, tokens.end]
    tokens = Tokens(words, starts, tokens.first_of_line, tokens.end)
    index = 0
    try:
        if words[0] == "machdesc":
            number = parse_number(words[1])
            if number is None:
                raise NotPlain
            start, end = starts[1], starts[1] + len(words[1])
            version = Number(words[1], *number, (start, end, source))
            nodes.append(Header(version, (starts[0], end, source)))
            index = 2
        _read_statements(source, tokens, index, FORMS, nodes)
    except IndexError:
        raise NotPlain from None
    return nodes


def _read_statements(
    source: Source,
    tokens: Tokens,
    index: int,
    forms: dict[str, tuple[str, ...]],
    nodes: list[Header | Statement],
) -> int:
    """Reads the statements from `index` on; where there is no further one."""
    words, starts = tokens.words, tokens.starts
    is_free_name = _IS_FREE_NAME
    while keyword := words[index]:
        parts = forms.get(keyword)
        if parts is None:
            break
        start = starts[index]
        end = start + len(keyword)
        index += 1
        head: Word | Number | String | None = None
        ident: Word | String | None = None
        version = address = block = values = None
        statements: tuple[Header | Statement, ...] = ()
        for part in parts:
            word = words[index]
            at = starts[index]
            if part == "NAME":
                if not is_free_name[word]:
                    raise NotPlain
                end = at + len(word)
                head = _new(Word, (word, (at, end, source)))
                index += 1
            elif part == "block?" or part == "block":
                if word == "{":
                    block, index = _read_block(source, tokens, index, 0)
                    end = block.span[1]
                elif part == "block":
                    raise NotPlain
            elif part == "version?":
                if word == "@":
                    word, at = words[index + 1], starts[index + 1]
                    if not _IS_VERSION[word]:
                        raise NotPlain
                    end = at + len(word)
                    version = _new(Word, (word, (at, end, source)))
                    index += 2
            elif part == "place?":
                if word == "at":
                    word, at = words[index + 1], starts[index + 1]
                    if not _IS_ADDRESS[word]:
                        raise NotPlain
                    end = at + len(word)
                    address = _new(Word, (word, (at, end, source)))
                    index += 2
            elif part == "id?" or part == "id":
                if is_free_name[word]:
                    end = at + len(word)
                    ident = _new(Word, (word, (at, end, source)))
                elif word[:1] == '"':
                    ident = _read_string(source, word, at)
                    end = at + len(word)
                elif part == "id?" and (word in forms or word in ("", "@", "at", "{", "}")):
                    continue
                else:
                    raise NotPlain
                index += 1
            elif part == "NUMBER":
                number = parse_number(word)
                if number is None:
                    raise NotPlain
                end = at + len(word)
                head = _new(Number, (word, *number, (at, end, source)))
                index += 1
            elif part == "STRING":
                head = _read_string(source, word, at)
                end = at + len(word)
                index += 1
            elif part == "subject":
                if word == "*" or is_free_name[word]:
                    ident = _new(Word, (word, (at, at + len(word), source)))
                else:
                    ident = _read_string(source, word, at)
                end = at + len(word)
                index += 1
            elif part == "list":
                if word != "[":
                    raise NotPlain
                values, index = _read_list(source, tokens, index, 0)
                end = values.span[1]
            elif part == "statements?":
                inner: list[Header | Statement] = []
                index = _read_statements(source, tokens, index, HOST_FORMS, inner)
                statements = tuple(inner)
            elif part == "LBRACE" or part == "RBRACE":
                if PUNCTUATION.get(word) != part:
                    raise NotPlain
                end = at + 1
                index += 1
            else:
                raise NotPlain
        span = start, end, source
        fields = (keyword, head, version, ident, address, None, block, statements, values, span)
        nodes.append(_new(Statement, fields))
    if keyword and forms is FORMS:
        raise NotPlain
    return index


def _read_string(source: Source, word: str, start: int) -> String:
    """The node of a quoted text; a quote alone begins none."""
    if word[0] != '"' or len(word) == 1:
        raise NotPlain
    return _new(String, (*SCALARS[word][1], (start, start + len(word), source)))


def _read_block(source: Source, tokens: Tokens, index: int, depth: int) -> tuple[Block, int]:
    """The block whose brace stands at `index`, and the index behind it."""
    words, starts, first_of_line, _ = tokens
    is_name, scalars = _IS_NAME, SCALARS
    opening = starts[index]
    properties = []
    index += 1
    while (name := words[index]) != "}":
        if not is_name[name]:
            raise NotPlain
        start = starts[index]
        index += 1
        if index in first_of_line:
            raise NotPlain
        word = words[index]
        value: Value
        if word in PUNCTUATION:
            value, index = _read_nested(source, tokens, index, depth)
        elif word == '"':
            raise NotPlain
        else:
            at = starts[index]
            kind, fields = scalars[word]
            value = _new(kind, (*fields, (at, at + len(word), source)))
            index += 1
        properties.append(_new(Property, (name, value, start)))
    return _new(Block, (tuple(properties), (opening, starts[index] + 1, source))), index + 1


def _read_list(source: Source, tokens: Tokens, index: int, depth: int) -> tuple[List, int]:
    """The list whose bracket stands at `index`, and the index behind it."""
    words, starts = tokens.words, tokens.starts
    opening = starts[index]
    items: list[Value] = []
    index += 1
    while (word := words[index]) != "]":
        if word == "[" or word == "{":
            nested, index = _read_nested(source, tokens, index, depth)
            items.append(nested)
        elif word in PUNCTUATION or word == '"':
            raise NotPlain
        else:
            items.append(scalar(word, starts[index], starts[index] + len(word), source))
            index += 1
        if words[index] == ",":
            index += 1
    return List(tuple(items), (opening, starts[index] + 1, source)), index + 1


def _read_nested(source: Source, tokens: Tokens, index: int, depth: int) -> tuple[Block | List, int]:
    """The block or list that begins at `index`, and the index behind it."""
    if depth == _DEEPEST:
        raise NotPlain
    if tokens.words[index] == "{":
        return _read_block(source, tokens, index, depth + 1)
    if tokens.words[index] == "[":
        return _read_list(source, tokens, index, depth + 1)
    raise NotPlain
