"""Syntax errors: says in plain words what is wrong, and finds where reading can go on.

Reads what the reader does not: texts that are not of the language, and those where a keyword stands
for a name. Recovery works on the stacks of the table driver, and is
by lines, since people write a property or a statement to a line: inside braces it goes on
after the line or at the closing brace, between statements at the next line that begins with a
statement's keyword. A block that was never closed is recognised by a statement that begins a
line inside it, no deeper indented than the block's own statement.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from machdesc.diagnostic import Diagnostic, Suggestion, error, file_error
from machdesc.source import Region, Source
from machdesc.syntax.form import KEYWORDS, PUNCTUATION
from machdesc.syntax.lalr import MAX_DEPTH, Unexpected, flattened, run
from machdesc.syntax.scan import Tokens
from machdesc.syntax.table import ACTIONS, START
from machdesc.syntax.value import UNITS, meant_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_ERRORS = 50
"""Syntax errors that are reported in one source before reading stops."""

_OPENING = {"LBRACE": "RBRACE", "LSQB": "RSQB"}
_WORDS = {terminal: word for word, terminal in KEYWORDS.items()}
_TOP = tuple(_WORDS[t] for t in ACTIONS[0] if t in _WORDS and t != "MACHDESC")

_HOST = ("object", *(w for w in _WORDS.values() if w not in (*_TOP, "machdesc", "at", "follows")))

_NOUNS = {
    "DEVICE": "a device type, such as `virtio-net-pci`",
    "MACHINE": "a machine type, such as `q35`",
    "MACHINE_TYPE": "the name of a machine type, such as `pc-q35-9.2`",
    "FOLLOWS": "the name of the next newer machine type",
    "CPU": "a CPU model, such as `Skylake-Server`",
    "MEMORY": "a size with its unit, such as `8GiB`",
    "GUEST": "the guest's name",
    "INCLUDE": "a file's path in quotes",
    "NUMA": "`node`, `dist`, `cpu`, `hmat-lb` or `hmat-cache`",
    "OBJECT": "an object's type, such as `iothread`",
    "GLOBAL": "a device type",
    "SMBIOS": "the number of an SMBIOS table type, such as 1",
    "FW_CFG": 'the file\'s name in quotes, such as "opt/org.example/name"',
    "ACCEL": "an accelerator, such as `kvm`",
    "NETDEV": "a kind of netdev, such as `tap`",
    "CHARDEV": "a kind of chardev, such as `socket`",
    "BLOCKDEV": "a block driver, such as `qcow2`",
    "AUDIODEV": "an audio driver, such as `none`",
    "TPMDEV": "`emulator` or `passthrough`",
    "FSDEV": "a kind of fsdev, such as `local`",
    "DRIVE": "the drive's id",
    "DISPLAY": "a kind of display, such as `none`",
    "VNC": 'an address in quotes, such as "127.0.0.1:1"',
    "MONITOR": "the id of a chardev",
    "MACHDESC": "the version of the language, 1",
    "AT_SIGN": "a version, such as `9.2`",
    "AT": "an address, such as `pcie.0/02.0`",
    "REMOVE": "the kind of what is removed, such as `device`, and its id",
    "ARGUMENTS": 'a list, such as ["-d", "guest_errors"]',
    "IGNORE": "the code of a finding, such as `MD012`",
}
"""What has to follow a keyword."""


def too_many_errors(source: Source) -> Diagnostic:
    """What is said where reading stops."""
    return file_error("too-many-errors", f"{MAX_ERRORS} errors or more; the rest was not read", source.name)


def parse_region(source: Source, region: Region, tokens: Tokens, diagnostics: list[Diagnostic]) -> list[Any]:
    """All nodes of a region, which recovery reads on after each error."""
    states = [START]
    values: list[Any] = []
    index = 0
    while True:
        try:
            run(source, tokens, index, states, values)
        except Unexpected as unexpected:
            resume = _recover(source, region, states, values, unexpected, diagnostics)
            if resume is None:
                return flattened(values)
            index = bisect_left(tokens.starts, resume)
        else:
            return flattened(values)


def _recover(
    source: Source,
    region: Region,
    states: list[int],
    values: list[Any],
    unexpected: Unexpected,
    diagnostics: list[Diagnostic],
) -> int | None:
    """Reports the error, cuts the stacks back, and says at which offset to read on.

    None when nothing is left to read, or too many errors were found.
    """
    if len(diagnostics) >= MAX_ERRORS:
        diagnostics.append(too_many_errors(source))
        _cut(states, values, -1)
        return None
    text = source.text
    opened = _innermost(values)
    if opened >= 0 and unexpected.resume is None:
        stray = _unclosed(text, values, unexpected.start)
        if stray is not None or unexpected.terminal == "$END":
            return _report_unclosed(source, region, states, values, stray, diagnostics)
    diagnostics.append(_explained(source, states, values, unexpected))
    if unexpected.resume is not None:
        return unexpected.resume
    if unexpected.terminal == "$END":
        _cut(states, values, -1)
        return None
    if opened >= 0:
        outer = opened
        lists = 0
        while outer >= 0 and values[outer][0] == "LSQB":
            outer = _innermost(values[:outer])
            lists += 1
        resume = _after_line(text, unexpected.start, region.end, lists)
        _cut(states, values, outer)
        return resume
    _cut(states, values, -1)
    return _next_statement(text, unexpected, region.end)


def _innermost(values: list[Any]) -> int:
    """The index of the innermost open bracket among the parser's values, -1 if there is none."""
    for index in range(len(values) - 1, -1, -1):
        if type(values[index]) is tuple and values[index][0] in _OPENING:
            return index
    return -1


def _outermost(values: list[Any]) -> int:
    """The index of the outermost open bracket that is not that of `host`, -1 if there is none."""
    for index, value in enumerate(values):
        if type(value) is tuple and value[0] in _OPENING:
            before = values[index - 1] if index else None
            if not (type(before) is tuple and before[0] == "HOST"):
                return index
    return -1


def _cut(states: list[int], values: list[Any], bracket: int) -> None:
    """Drops what was begun but not finished after an open bracket (-1: after the start).

    What a repetition has collected there already is kept.
    """
    keep = bracket + 1
    while keep < len(values) and (type(values[keep]) is list or type(values[keep]).__name__ == "Header"):
        keep += 1
    del values[keep:]
    del states[keep + 1 :]


def _unclosed(text: str, values: list[Any], error: int) -> tuple[int, int] | None:
    """The span of a keyword that shows that an open block was never closed.

    It begins a line, after the block's opening and up to the error, and stands no deeper than
    the line on which the block was opened.
    """
    bracket = _outermost(values)
    if bracket < 0:
        return _after_host(text, values, error)
    opening = values[bracket][2]
    line_start = text.rfind("\n", 0, opening) + 1
    indent = len(text[line_start:opening]) - len(text[line_start:opening].lstrip())
    in_host = _innermost(values[:bracket]) >= 0
    pattern = rf"^[ \t]{{0,{indent}}}({'|'.join(KEYWORDS) if in_host else '|'.join(_TOP)})(?=[ \t\n])"
    end = text.find("\n", error)
    match = re.compile(pattern, re.MULTILINE).search(text, opening, len(text) if end < 0 else end)
    return (match.start(1), match.end(1)) if match else None


def _after_host(text: str, values: list[Any], error: int) -> tuple[int, int] | None:
    """The span of the word of an error between the statements of `host`, when it begins a line no
    deeper than that of `host` and can only be a statement outside: the brace of `host` is missing."""
    opening = values[_innermost(values)][2]
    host_line = text.rfind("\n", 0, opening) + 1
    indent = len(text[host_line:opening]) - len(text[host_line:opening].lstrip())
    line = text.rfind("\n", 0, error) + 1
    word = re.compile(rf"({'|'.join(_TOP)})(?=[ \t\n])").match(text, error)
    if line == host_line or text[line:error].strip() or error - line > indent or word is None:
        return None
    return word.span()


def _report_unclosed(
    source: Source,
    region: Region,
    states: list[int],
    values: list[Any],
    stray: tuple[int, int] | None,
    diagnostics: list[Diagnostic],
) -> int | None:
    """Reports a bracket that is never closed; reads on at the statement that showed it."""
    bracket = _outermost(values) if stray is not None else -1
    if bracket < 0:
        bracket = _innermost(values)
    _, word, start, end = values[bracket]
    closing = "}" if word == "{" else "]"
    if stray is not None:
        line = source.location(stray[0])[0]
        message = f"this `{word}` is not closed before the statement in line {line}"
    else:
        message = f"this `{word}` is never closed"
    diagnostics.append(error("unclosed", message, (start, end, source), "", f"add `{closing}`"))
    if stray is None:
        _cut(states, values, -1)
        return None
    host = _innermost(values[:bracket])
    # What the host holds so far is lost with its missing brace, as is a block without its own.
    _cut(states, values, host)
    if host >= 0 and source.text[stray[0] : stray[1]] in _TOP and _column(source, stray[0]) == 0:
        _cut(states, values, -1)
    return stray[0]


def _column(source: Source, offset: int) -> int:
    return source.location(offset)[1] - 1


def _after_line(text: str, start: int, end: int, lists: int) -> int:
    """The end of the line of `start`, or the brace that closes the block around it.

    Brackets that are opened on the way, and the `lists` that are open, are passed over whole.
    """
    brackets = ["["] * lists
    for match in re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[{}\[\]\n]').finditer(text, start, end):
        word = match[0]
        if word in "{[":
            brackets.append(word)
        elif word == "]":
            if brackets and brackets[-1] == "[":
                brackets.pop()
        elif word == "}":
            while brackets and brackets[-1] == "[":
                brackets.pop()
            if not brackets:
                return match.start()
            brackets.pop()
        elif word == "\n" and not brackets:
            return match.end()
    return end


def _next_statement(text: str, unexpected: Unexpected, end: int) -> int:
    """The next line that begins with a statement's keyword, also the one of the error; or the end."""
    start = text.rfind("\n", 0, unexpected.start) + 1
    if text[start : unexpected.start].strip():
        start = unexpected.end
    pattern = rf"^[ \t]*({'|'.join(_TOP)})(?=[ \t\n])"
    match = re.compile(pattern, re.MULTILINE).search(text, start, end)
    if match is None:
        return end
    return match.start(1)


def _explained(source: Source, states: list[int], values: list[Any], unexpected: Unexpected) -> Diagnostic:
    """The diagnostic of one unexpected token."""
    text, span = source.text, (unexpected.start, unexpected.end)
    word = text[span[0] : span[1]]
    last = values[-1] if values else None
    no_value = unexpected.resume is not None
    if word == "}" and type(last) is tuple and last[0] == "NAME" and "WORD" in ACTIONS[states[-1]]:
        no_value = True
        word, span = last[1], (last[2], last[3])
    if unexpected.terminal == "moved":
        return error(
            "no-value",
            f"the value of `{word}` is not on its line",
            (*span, source),
            "",
            "write the name and the beginning of its value on one line",
        )
    equals = text.rfind("\n", 0, span[0]) + 1
    before = text[equals : span[0]].rstrip()
    if no_value and before.endswith("="):
        at = equals + len(before) - 1
        return error("syntax", "unexpected `=`", (at, at + 1, source), "", "write `NAME VALUE`, without `=`")
    if no_value:
        return error(
            "no-value",
            f"`{word}` has no value on its line",
            (*span, source),
            'a word, a number, "text", [a list] or { a block }, on the line of the name',
            f"write `{word} on`, or remove it",
        )
    if unexpected.terminal == "too-deep":
        return error(
            "too-deep", f"brackets nested deeper than {MAX_DEPTH}", (*span, source), "", "flatten it"
        )
    if word == '"':
        return _bad_string(source, span)
    if word == "machdesc" and _innermost(values) < 0:
        return error(
            "late-header", "the `machdesc` line is not the first one", (*span, source), "", "remove it"
        )
    expected = _expected(states, values)
    if unexpected.terminal == "$END":
        if type(last) is tuple:
            span = last[2:] if len(last) == 4 else last[1].span[:2]
        return error("syntax", "the text ends after this, in a statement", (*span, source), expected)
    return error(
        "syntax",
        f"unexpected `{word}`",
        (*span, source),
        expected,
        _advice(word, unexpected.terminal, states, values),
    )


def _expected(states: list[int], values: list[Any]) -> str:
    """What the parser could have read, in plain words."""
    accepted = ACTIONS[states[-1]]
    last = values[-1] if values else None
    parts = []
    if (
        type(last) is tuple
        and last[0] in _NOUNS
        and ("NAME" in accepted or len(accepted) <= 2 or last[0] == "REMOVE")
    ):
        return _NOUNS[last[0]]
    if type(last) is tuple and last[0] in _NOUNS:
        parts.append(_NOUNS[last[0]])
    elif "WORD" in accepted:
        parts.append('a value: a word, a number, "text", [a list] or { a block }')
    elif "NAME" in accepted and "RBRACE" in accepted and "AT" not in accepted:
        parts.append("the name of a property")
    elif "NAME" in accepted:
        parts.append("an id, `*`" if "ANY" in accepted else "an id")
    elif "STRING" in accepted:
        parts.append('text in quotes, such as "name"')
    if "AT_SIGN" in accepted:
        parts.append("`@` and a version")
    if "AT" in accepted:
        parts.append("`at` and an address")
    opened = _innermost(values)
    for terminal, bracket in (("LBRACE", "{"), ("RBRACE", "}"), ("RSQB", "]")):
        if (
            terminal in accepted
            and not ("WORD" in accepted and bracket == "{")
            and (bracket == "{" or opened >= 0)
        ):
            parts.append(f"`{bracket}`")
    # LALR merges states, so that a state may name keywords of both levels; one has them.
    level = _TOP if opened < 0 else _HOST
    keywords = [_WORDS[t] for t in accepted if t in _WORDS and _WORDS[t] in level]
    if keywords:
        parts.append(("a statement: " if len(keywords) > 3 else "") + ", ".join(keywords))
    return ", ".join(parts)


def _advice(word: str, terminal: str, states: list[int], values: list[Any]) -> str | Suggestion:
    """What to do about one unexpected word, empty when nothing particular is known."""
    accepted = ACTIONS[states[-1]]
    opened = _innermost(values)
    last = values[-1] if values else None
    bare = word not in PUNCTUATION and terminal != "STRING"
    if type(last) is tuple and last[0] == "NUMBER" and word in UNITS:
        return f"write `{last[1]}{word}`, without the space"
    if bare and type(last) is tuple and last[0] == "MEMORY" and meant_size(word):
        return f"write `{meant_size(word)}`"
    if bare and type(last) is tuple and last[0] == "REMOVE":
        return f"write `remove device {word}`, or whatever kind it is of"
    if bare and type(last) is tuple and last[0] == "at":
        return "an id stands before `at`"
    if bare and "AT_SIGN" in accepted and word[0].isdigit():
        return f"write `@ {word}` if it is meant as the version"
    if bare and "STRING" in accepted and "WORD" not in accepted and word not in KEYWORDS:
        return f'write "{word}"'
    if word == "}" and opened >= 0 and values[opened][0] == "LSQB":
        return "the list is not closed; add `]`"
    if word == "," and opened >= 0:
        return "properties have no commas between them; several values make a list, such as [1, 2]"
    if word.endswith(":") and "NAME" in accepted:
        return f"write `{word[:-1]}`, without `:`"
    if word == "=":
        return "write `NAME VALUE`, without `=`"
    if "=" in word and "NAME" in accepted:
        name, _, value = word.partition("=")
        return f"write `{name} {value}`, without `=`"
    if word == ";":
        return "no `;` is needed between properties"
    if word in "}]":
        return f"no bracket is open that this `{word}` could close; remove it" if opened < 0 else ""
    in_host = (
        opened >= 0 and opened > 0 and type(values[opened - 1]) is tuple and values[opened - 1][0] == "HOST"
    )
    keyword = KEYWORDS.get(word)
    if keyword is not None and opened < 0 and keyword not in ACTIONS[0]:
        return f"`{word}` belongs inside `host {{ … }}`"
    if keyword is not None and in_host and keyword in ACTIONS[0]:
        return f"`{word}` is a promise to the guest: it belongs outside `host {{ … }}`"
    if "WORD" in accepted or "NAME" in accepted:
        return ""
    return Suggestion(word, tuple([_WORDS[t] for t in accepted if t in _WORDS]))


def _bad_string(source: Source, span: tuple[int, int]) -> Diagnostic:
    """A quote that begins no text: it is not closed on its line, or holds what it may not."""
    line_end = source.text.find("\n", span[0])
    rest = source.text[span[0] + 1 : line_end if line_end >= 0 else len(source.text)]
    closed = re.match(r'(?:[^"\\]|\\.)*"', rest)
    if closed is None:
        return error(
            "unclosed-text", 'text that is not closed by `"` on its line', (*span, source), "", 'add `"`'
        )
    bad = re.compile(r'(?:[^\\\x00-\x1f\x7f]|\\["\\nt])*').match(closed[0])
    start = span[0] + 1 + (bad.end() if bad else 0)
    if source.text[start] == "\\":
        return error(
            "bad-escape",
            f"text has no escape `{source.text[start : start + 2]}`",
            (start, start + 2, source),
            r"\" \\ \n \t",
            r"write a backslash as \\",
        )
    return error(
        "bad-escape",
        f"text may not hold the control character {ord(source.text[start]):#04x}",
        (start, start + 1, source),
        "",
        r"a new line is \n, a tab \t",
    )
