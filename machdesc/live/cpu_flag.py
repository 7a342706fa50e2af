"""The flags of `-cpu`, which QEMU does not tell over its monitor: a feature that was asked for and that the
accelerator cannot do is shown off.

As QEMU 7.2, 10.0 and 11.1 read them: `x` alone means `x=on`; `_` stands for `-`; `+x` and `-x` win over `x=…`
wherever they stand, `-x` over `+x`; the last `-cpu` counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from machdesc.catalog.catalog import Property

_OPTION = ("-cpu", "--cpu")
_NO_HARDWARE = ("check", "enforce")
"""Flags that say what QEMU does about a feature that the accelerator cannot do."""

_SWITCHES = {
    **dict.fromkeys(("on", "yes", "true", "y"), True),
    **dict.fromkeys(("off", "no", "false", "n"), False),
}
"""The words of a switch (qapi_bool_parse in qapi/qapi-util.c of 7.2)."""


def read_flags(words: Sequence[str], known: Mapping[str, Property]) -> dict[str, bool | int | str]:
    """The flags of a command line, typed by the properties that are known of CPUs."""
    texts = [word for option, word in pairwise(words) if option in _OPTION]
    flags = split_flags(texts[-1]) if texts else {}
    named = {_property_name(name, known): text for name, text in flags.items()}
    return {name: _typed(text, known.get(name)) for name, text in named.items() if name not in _NO_HARDWARE}


def split_flags(text: str) -> dict[str, str]:
    """The flags of what `-cpu` is given, as they are written: name -> text."""
    said: dict[str, str] = {}
    signed: dict[str, dict[str, str]] = {"+": {}, "-": {}}
    for flag in filter(None, text.split(",")[1:]):
        name, equals, value = flag.partition("=")
        if flag[0] in signed:
            signed[flag[0]][flag[1:]] = "on" if flag[0] == "+" else "off"
        else:
            said[name] = value if equals else "on"
    return {**said, **signed["+"], **signed["-"]}


def _property_name(name: str, known: Mapping[str, Property]) -> str:
    other = name.replace("_", "-")
    return other if name not in known and other in known else name


def _typed(text: str, known: Property | None) -> bool | int | str:
    """The value of a flag; the text as it is where it is none of its kind, and where nothing tells a kind,
    what it looks like."""
    kind = known.kind if known is not None else "any"
    if kind in ("bool", "any") and text in _SWITCHES:
        return _SWITCHES[text]
    if kind in ("int", "size", "number", "any"):
        try:
            return int(text, 0)
        except ValueError:
            return text
    return text
