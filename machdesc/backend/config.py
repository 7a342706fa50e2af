"""Options as a file for `-readconfig`, and the refusal of what it would silently get wrong.

What the file can say was read in util/qemu-config.c and tried on QEMU 7.2, 10.0 and 11.1: a
value ends at the first double quote, lines and names are cut at fixed lengths.
"""

from __future__ import annotations

from machdesc.backend.option import MAX_LINE, Option
from machdesc.diagnostic import Diagnostic, error, file_error
from machdesc.resolve.guest import Guest

MAX_NAME = 63
"""Bytes of a group, a key or an id: a longer one is cut."""


def emit_config(options: list[Option], guest: Guest) -> tuple[str, list[Option], list[Diagnostic]]:
    """The text of the file, the options that have to be arguments, and what cannot be said."""
    diagnostics: list[Diagnostic] = []
    name = guest.description.one("guest")
    title = name.id.text if name is not None and name.id is not None else guest.description.source.name
    blocks = [comment(f"{title}: {guest.abi_name}, for QEMU {guest.release}")]
    remaining = []
    for option in options:
        if not option.section or option.json:
            remaining.append(option)
            continue
        pairs = ((option.first_key, option.first), *option.pairs) if option.first_key else option.pairs
        heading = f'[{option.section} "{option.id}"]' if option.id else f"[{option.section}]"
        lines = [heading] + [f'  {key} = "{value}"' for key, value in pairs]
        _check(option, pairs, lines, guest, diagnostics)
        blocks.append("".join(line + "\n" for line in lines))
    return "\n".join(blocks), remaining, diagnostics


def _check(
    option: Option,
    pairs: tuple[tuple[str, str], ...],
    lines: list[str],
    guest: Guest,
    diagnostics: list[Diagnostic],
) -> None:
    """Reports all that `-readconfig` would cut short or misread."""
    if len(option.id.encode()) > MAX_NAME:
        _refuse(option, guest, f"id `{option.id}` is longer than {MAX_NAME} bytes", diagnostics)
    for (key, value), line in zip(pairs, lines[1:], strict=True):
        if '"' in value:
            _refuse(option, guest, f"the value of `{key}` has a double quote in it", diagnostics)
        elif any(character in value for character in "\n\r\0"):
            _refuse(option, guest, f"the value of `{key}` has a line break in it", diagnostics)
        elif len(key.encode()) > MAX_NAME:
            _refuse(option, guest, f"key `{key}` is longer than {MAX_NAME} bytes", diagnostics)
        elif key == "id":
            _refuse(option, guest, "a key `id` would replace the section's own id", diagnostics)
        elif len(line.encode()) > MAX_LINE:
            _refuse(option, guest, f"the line of `{key}` is longer than {MAX_LINE} bytes", diagnostics)


def _refuse(option: Option, guest: Guest, message: str, diagnostics: list[Diagnostic]) -> None:
    text = f"a configuration file cannot say this: {message}"
    help = "use --format args, where it can be said"
    if option.span is not None:
        diagnostics.append(error("readconfig", text, option.span, "", help))
    else:
        diagnostics.append(file_error("readconfig", text, guest.description.source.name, help))


def comment(text: str) -> str:
    """A text as comment lines of a configuration file, with `?` for what is not printable."""
    data = "".join(character if character.isprintable() else "?" for character in text).encode()
    lines = []
    while data:
        line = data[: MAX_LINE - len("# ")].decode(errors="ignore")
        lines.append(f"# {line}\n")
        data = data[len(line.encode()) :]
    return "".join(lines)
