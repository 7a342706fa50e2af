"""Options as a command line: for QEMU, for programs, and for people."""

from __future__ import annotations

from machdesc.backend.option import MAX_LINE, Option


def emit_arguments(options: list[Option]) -> list[str]:
    """The arguments, without the program: an option and its text are two."""
    arguments: list[str] = []
    for option in options:
        if option.name:
            arguments.append(f"-{option.name}")
        text = argument_text(option)
        if text or option.plain:
            arguments.append(text)
    return arguments


def argument_text(option: Option) -> str:
    """What stands behind an option; a comma in a value is doubled (util/qemu-option.c)."""
    if option.json:
        return option.json
    if option.plain:
        return option.first
    words = [option.first.replace(",", ",,")] if option.first else []
    if option.id:
        words.append(f"id={option.id.replace(',', ',,')}")
    words += [f"{key}={value.replace(',', ',,')}" for key, value in option.pairs]
    return ",".join(words)


_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-"


def quote(text: str) -> str:
    """A text as one word of a shell. Most arguments need no quotes, and no import."""
    if text and not text.strip(_PLAIN):
        return text
    import shlex

    return shlex.quote(text)


def shell_text(program: str, arguments: list[str]) -> str:
    """The command line for a shell: an option with its text on a line of its own."""
    return " \\\n  ".join(" ".join(map(quote, words)) for words in _lines(program, arguments)) + "\n"


def shell_comment(program: str, arguments: list[str]) -> str:
    """The same as comment lines of a configuration file, none longer than that file allows.

    Without the first two characters of each line it is the command line for a shell. A word that fits on no
    line goes on at the very beginning of the next one, behind a backslash: a shell joins them.
    """
    folded = []
    for number, words in enumerate(_lines(program, arguments)):
        indent = "  " if number else ""
        line = indent + " ".join(map(quote, words))
        if len(line.encode("utf-8", "surrogateescape")) <= _ROOM:
            folded.append(line)
        else:
            folded += [indent + "\\\n".join(map(quote, _pieces(word))) for word in words]
    return "".join(f"# {line}\n" for line in " \\\n".join(folded).split("\n"))


_ROOM = MAX_LINE - len("# ") - len(" \\")
"""Bytes of a line of a shell that is a comment of a configuration file and may go on."""


def _pieces(word: str) -> list[str]:
    """A word cut so that each piece fits on a line in quotes, behind an indentation."""
    pieces, start, used = [], 0, 0
    for at, character in enumerate(word):
        # shlex writes a single quote as '"'"'.
        cost = 5 if character == "'" else len(character.encode("utf-8", "surrogateescape"))
        if used + cost > _ROOM - len("  ''"):
            pieces.append(word[start:at])
            start, used = at, 0
        used += cost
    return [*pieces, word[start:]]


def _lines(program: str, arguments: list[str]) -> list[list[str]]:
    """The words of each line: an option and its text."""
    lines = [[program]]
    for argument in arguments:
        if argument.startswith("-") or len(lines) == 1:
            lines.append([argument])
        else:
            lines[-1].append(argument)
    return lines


def argv_text(program: str, arguments: list[str]) -> str:
    """The whole command line as a JSON array, the program first, an argument a line."""
    from machdesc.json_text import json_text

    return json_text([program, *arguments])
