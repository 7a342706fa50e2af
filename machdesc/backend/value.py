"""Values of a description as the texts that QEMU reads."""

from __future__ import annotations

from machdesc.memo import Memo
from machdesc.syntax.tree import Block, List, Number, String, Word
from machdesc.syntax.value import parse_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from machdesc.catalog.catalog import Property as Known
    from machdesc.syntax.tree import Property, Value


def scalar_text(value: Value) -> str:
    """A word, number or text. A number with a unit becomes bytes: not every property takes units."""
    if isinstance(value, (Block, List)):
        raise TypeError("a block or a list is no scalar")
    return _NUMBERS[value.text] if isinstance(value, Number) else value.text


def _number_text(text: str) -> str:
    number, unit = parse_number(text) or (0, "")
    if unit:
        return str(int(number))
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
        # For QEMU `010` is octal (strtol with base 0); here it is ten.
        return str(number)
    return text


_NUMBERS = Memo(_number_text)
"""Numbers as QEMU reads them, by what is written."""


def dotted(
    properties: Iterable[Property], known: Mapping[str, Known] | None = None
) -> tuple[tuple[str, str], ...]:
    """Properties as flat pairs: nested blocks and lists get dotted keys (util/keyval.c).

    `known` tells which properties are texts, in which `100K` is no number.
    """
    pairs: list[tuple[str, str]] = []
    for name, value, _ in properties:
        if isinstance(value, (Word, String)):
            pairs.append((name, value.text))
        elif isinstance(value, Number):
            text = _NUMBERS[value.text]
            pairs.append((name, value.text if text != value.text and _is_text(known, name) else text))
        else:
            pairs += _dotted(name, value)
    return tuple(pairs)


def _is_text(known: Mapping[str, Known] | None, name: str) -> bool:
    entry = known.get(name) if known is not None else None
    return entry is not None and entry.kind in ("str", "enum")


def _dotted(key: str, value: Value) -> Iterator[tuple[str, str]]:
    if isinstance(value, Block):
        for item in value.properties:
            yield from _dotted(f"{key}.{item.name}", item.value)
    elif isinstance(value, List):
        for number, entry in enumerate(value.items):
            yield from _dotted(f"{key}.{number}", entry)
    else:
        yield key, scalar_text(value)


def repeated(properties: Iterable[Property]) -> tuple[tuple[str, str], ...]:
    """Properties as flat pairs in which a list repeats its key, as `-numa` and `-smbios` want it."""
    pairs: list[tuple[str, str]] = []
    for item in properties:
        if isinstance(item.value, List) and not is_nested(item.value):
            pairs += [(item.name, scalar_text(entry)) for entry in item.value.items]
        else:
            pairs += _dotted(item.name, item.value)
    return tuple(pairs)


def is_nested(value: Value) -> bool:
    """Whether it is a block, or a list that holds blocks or lists."""
    if isinstance(value, List):
        return any(isinstance(entry, (Block, List)) for entry in value.items)
    return isinstance(value, Block)


def size_text(size: int) -> str:
    """A size for `-m`, which takes a bare number for MiB."""
    return f"{size >> 20}M" if size % (1 << 20) == 0 else f"{size}B"
