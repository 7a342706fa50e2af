"""Decides of one property whether its value may be passed on, names a file to copy, or is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from machdesc.catalog.catalog import Catalog, Property
from machdesc.live.sandbox import known

PASS, COPY, LEAVE = "pass", "copy", "leave"
UNKNOWN = "is left out: it is not known to leave the host alone"

_HARMLESS_KINDS = ("int", "size", "enum", "number")
_WORD = re.compile(r"[\w.:+-]*", re.ASCII)
_PLAIN = re.compile(r"on|off|auto|yes|no|true|false|-?\d+(?:\.\d+)?[kKMGTPE]?(?:i?B)?|0[xX][0-9a-fA-F]+")
"""A switch, a number or a size: what a property without a kind may be."""

_OFF = ("off", "no", "false", False)
_INDEX = re.compile(r"[.\[]")
_DESCRIPTOR = re.compile(r"fds?$")


class Knowledge(NamedTuple):
    """What is known of the properties of one thing: those of the catalog, its texts and its files."""

    properties: Mapping[str, Property]
    texts: Collection[str]
    files: Collection[str] = ()

    def verdict(self, key: str, value: object) -> str:
        """PASS, COPY or LEAVE for a property with a value, which may be plain JSON data."""
        if key in self.files:
            return COPY
        entry = self.properties.get(key)
        base = _INDEX.split(key.removeprefix("len-"), maxsplit=1)[0]
        if entry is None:
            entry = self.properties.get(base)
        if key in self.texts or base in self.texts:
            return PASS
        if base in known.HOST_SWITCHES and value not in _OFF:
            return LEAVE
        if entry is not None and entry.kind == "bool":
            return PASS if _is_plain(value) else LEAVE
        # A number may be that of a descriptor of ours.
        if _DESCRIPTOR.search(base):
            return LEAVE
        if entry is not None and entry.refers:
            return PASS
        if entry is not None and entry.kind in _HARMLESS_KINDS:
            return PASS if _is_plain(value) or (isinstance(value, str) and is_word(value)) else LEAVE
        if entry is not None:
            return LEAVE
        return PASS if _is_plain(value) else LEAVE


def _is_plain(value: object) -> bool:
    """Whether a value that nothing is known of is a switch or a number."""
    if isinstance(value, str):
        return _PLAIN.fullmatch(value) is not None
    return isinstance(value, (bool, int, float))


def is_word(value: str) -> bool:
    """Whether a value is a word, a number or a name, and so no path."""
    return _WORD.fullmatch(value) is not None


def device_knowledge(catalog: Catalog, type: str, release: str) -> Knowledge:
    """What is known of a type of devices, or of one that others are derived from."""
    found = catalog.device(type) or catalog.object(type)
    properties = dict(found.properties(release)) if found is not None else {}
    if found is None:
        heirs = [heir for name in catalog.heirs(type, release) if (heir := catalog.device(name)) is not None]
        for heir in heirs:
            properties.update(heir.properties(release))
        if type.endswith("-cpu"):
            schema = catalog.cpu_schema()
            properties.update(schema.properties(release) if schema is not None else {})
            return Knowledge(properties, known.CPU_TEXTS)
    return Knowledge(properties, known.DEVICE_TEXTS, known.DEVICE_FILES)


def type_verdict(type: str) -> str:
    """Why a device of a type is left out; empty for one that is passed on."""
    for pattern, need in known.NEEDS_HOST.items():
        if fnmatchcase(type, pattern):
            return need
    if type in known.DEVICES:
        return ""
    return "it is not known to leave the host alone"


class Gate(NamedTuple):
    """Where properties of one thing go that are not passed on as they are.

    `copy` is given a key and the name of a file, and gives the name of the file's copy, or None when there is
    none and it has said so; `leave_out` is given the key of a property that is left out.
    """

    copy: Callable[[str, str], str | None]
    leave_out: Callable[[str], None]

    def admit(self, key: str, value: object, knowledge: Knowledge) -> object | None:
        """The value that may be passed on; None when the property is left out."""
        verdict = knowledge.verdict(key, value)
        if verdict == COPY and isinstance(value, str):
            return self.copy(key, value)
        if verdict == PASS:
            return value
        self.leave_out(key)
        return None


def filter_pairs(
    pairs: tuple[tuple[str, str], ...], knowledge: Knowledge, gate: Gate
) -> tuple[tuple[str, str], ...]:
    """The pairs that may be passed on."""
    admitted = ((key, gate.admit(key, value, knowledge)) for key, value in pairs)
    return tuple((key, value) for key, value in admitted if isinstance(value, str))
