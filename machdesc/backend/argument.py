"""Options as a command line: for QEMU, for programs, and for people."""

from __future__ import annotations

from machdesc.backend.option import Option


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
    lines = [quote(program)]
    for argument in arguments:
        if argument.startswith("-") or len(lines) == 1:
            lines.append(quote(argument))
        else:
            lines[-1] += " " + quote(argument)
    return " \\\n  ".join(lines) + "\n"


def argv_text(program: str, arguments: list[str]) -> str:
    """The whole command line as a JSON array, the program first, an argument a line."""
    from machdesc.json_text import json_text

    return json_text([program, *arguments])
