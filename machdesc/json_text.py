"""JSON as text: values on lines of their own, and nothing in it that moves a terminal's cursor.

What is not printable is written as JSON's own escape, so a parser reads the same text. A byte of a file's
name that is not UTF-8 is a lone surrogate from U+DC80 to U+DCFF, as in Python (PEP 383).
"""

from __future__ import annotations


def json_text(value: object) -> str:
    """The text of a value, with a line break at its end."""
    from json import dumps

    text = dumps(value, indent=2, ensure_ascii=False)
    # `##[` in a line of a log is a command of GitHub's runner, and the like of others.
    text = text.replace("##", "#\\u0023") if "##" in text else text
    return "\n".join(line if line.isprintable() else _escaped(line) for line in text.split("\n")) + "\n"


def ascii_json(text: str) -> str:
    """A text of JSON with escapes for all that is not ASCII."""
    return "".join(c if c.isascii() else _escape(c) for c in text)


def _escaped(text: str) -> str:
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    """One or two escapes of four digits (RFC 8259, section 7)."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
