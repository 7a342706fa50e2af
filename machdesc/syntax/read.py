"""Reader: the nodes of a text that is plainly of the language.

Each statement is a keyword and parts in a fixed order, some of which may be left out; `FORMS`
says which, as the generator found them in the grammar. Nearly every text is read by that alone,
in half the time that the LALR table takes. Whatever does not fit, or fits in more than one way
(a keyword where a name may stand), is left to the table: it decides, and explains. The tests
hold both against Lark.
"""

from __future__ import annotations

from machdesc.source import Source
from machdesc.syntax.form import FORMS, HOST_FORMS, KEYWORDS, PUNCTUATION, WORDS
from machdesc.syntax.scan import Tokens
from machdesc.syntax.tree import Block, Header, List, Number, Property, Statement, String, Word
from machdesc.syntax.value import parse_number, scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Value

_DEEPEST = 16
"""How deep values nest that are read here."""

_NAME_FIRST, _NAME_OTHERS = WORDS["NAME"]
_MARKED = {"version?": ("@", *WORDS["VERSION"]), "place?": ("at", *WORDS["ADDRESS"])}
"""Parts that begin with a mark: it, and the characters of the word behind it."""

_new = tuple.__new__


class NotPlain(Exception):
    """The text is for the table to read."""


def read(source: Source, tokens: Tokens) -> list[Header | Statement]:
    """All nodes of a region.

    :raises NotPlain: when the table has to read it.
    """
    nodes: list[Header | Statement] = []
    words, starts = tokens.words, tokens.starts
    index = 0
    try:
        if words[:1] == ["machdesc"]:
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
    count = len(words)
    while index < count:
        keyword = words[index]
        parts = forms.get(keyword)
        if parts is None:
            break
        start = starts[index]
        end = start + len(keyword)
        keyword_span = start, end, source
        index += 1
        head: Word | Number | String | None = None
        version = ident = address = block = values = None
        statements: tuple[Header | Statement, ...] = ()
        for part in parts:
            if index == count:
                if part[-1] != "?":
                    raise NotPlain
                continue
            word = words[index]
            at = starts[index]
            if part == "NAME":
                if word in KEYWORDS or word[0] not in _NAME_FIRST or word.strip(_NAME_OTHERS):
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
            elif part == "id?" or part == "id":
                if word in KEYWORDS or word in PUNCTUATION:
                    if part == "id":
                        raise NotPlain
                    if word not in forms and word not in ("@", "at", "{", "}"):
                        raise NotPlain
                    continue
                ident = _read_id(source, word, at)
                end = at + len(word)
                index += 1
            elif part in _MARKED:
                mark, first, others = _MARKED[part]
                if word == mark:
                    word, at = words[index + 1], starts[index + 1]
                    if word[0] not in first or word.strip(others):
                        raise NotPlain
                    end = at + len(word)
                    node = _new(Word, (word, (at, end, source)))
                    if part == "version?":
                        version = node
                    else:
                        address = node
                    index += 2
            elif part == "NUMBER":
                number = parse_number(word)
                if number is None:
                    raise NotPlain
                end = at + len(word)
                head = _new(Number, (word, *number, (at, end, source)))
                index += 1
            elif part == "STRING":
                if word[0] != '"' or len(word) == 1:
                    raise NotPlain
                end = at + len(word)
                head = _new(String, (scalar(word, at, end, source).text, (at, end, source)))
                index += 1
            elif part == "subject":
                ident = (
                    _new(Word, (word, (at, at + 1, source))) if word == "*" else _read_id(source, word, at)
                )
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
        fields = (keyword, head, version, ident, address, None, block, statements, values, span, keyword_span)
        nodes.append(_new(Statement, fields))
    if index < count and forms is FORMS:
        raise NotPlain
    return index


def _read_id(source: Source, word: str, start: int) -> Word | String:
    end = start + len(word)
    if word[0] == '"':
        if end - start == 1:
            raise NotPlain
        return _new(String, (scalar(word, start, end, source).text, (start, end, source)))
    if word in KEYWORDS or word[0] not in _NAME_FIRST or word.strip(_NAME_OTHERS):
        raise NotPlain
    return _new(Word, (word, (start, end, source)))


def _read_block(source: Source, tokens: Tokens, index: int, depth: int) -> tuple[Block, int]:
    """The block whose brace stands at `index`, and the index behind it."""
    words, starts, first_of_line, _ = tokens
    opening = starts[index]
    properties = []
    index += 1
    while (name := words[index]) != "}":
        if name[0] not in _NAME_FIRST or name.strip(_NAME_OTHERS):
            raise NotPlain
        start = starts[index]
        index += 1
        if index in first_of_line:
            raise NotPlain
        word = words[index]
        value: Value
        if word in PUNCTUATION:
            value, index = _read_nested(source, tokens, index, depth)
            end = value.span[1]
        elif word == '"':
            raise NotPlain
        else:
            at = starts[index]
            end = at + len(word)
            value = scalar(word, at, end, source)
            index += 1
        name_span = start, start + len(name), source
        properties.append(_new(Property, (name, value, (start, end, source), name_span)))
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
