"""Says what a property takes, as JSON Schema: QEMU's type words become JSON's."""

from __future__ import annotations

import re

from machdesc.harvest.fact import PropertyFact

_INTEGER = re.compile(r"(?P<sign>u?)int(?P<bits>[0-9]+)(?:_t)?$")
_LIST = re.compile(r"\[(?P<item>.*)\]$")
_LINK = re.compile(r"link<(?P<target>.*)>$")
_STRINGS = frozenset({"str", "string"})
_NUMBERS = frozenset({"number", "double", "float"})
# QEMU's integer of a PCI address is written as text; its description is what says so.
_ADDRESS = "Slot and optional function number"
_BACK_ENDS = (
    ("netdev", re.compile(r"ID of a netdev\b")),
    ("chardev", re.compile(r"ID of a chardev\b")),
    ("block", re.compile(r"ID of a (?:block device|drive)\b")),
    ("audiodev", re.compile(r"ID of an? audiodev\b")),
    ("tpmdev", re.compile(r"ID of a tpm\b")),
)
# Says no more than the type does.
_EMPTY_DESCRIPTION = frozenset({"on/off"})


def emit_property(fact: PropertyFact) -> dict[str, object]:
    """The schema of one property in one release; see machines/README.md for the keys."""
    schema = _type(fact)
    if fact.description and fact.description not in _EMPTY_DESCRIPTION:
        schema["description"] = fact.description
    if fact.default is not None:
        schema["default"] = fact.default
    schema["qemu"] = fact.qemu
    if refers := _refers(fact):
        schema["refers"] = refers
    return schema


def _type(fact: PropertyFact) -> dict[str, object]:
    word = fact.qemu
    if fact.enum:
        return {"enum": list(fact.enum)}
    if match := _LIST.match(word):
        return {"type": "array", "items": _type(PropertyFact(fact.name, match["item"]))}
    if word == "bool":
        return {"type": "boolean"}
    if word in _STRINGS or _LINK.match(word) or _ADDRESS in fact.description:
        return {"type": "string"}
    if word == "size":
        return {"type": "integer", "minimum": 0}
    if word == "int":
        return {"type": "integer"}
    if match := _INTEGER.match(word):
        bits = int(match["bits"])
        if match["sign"]:
            return {"type": "integer", "minimum": 0, "maximum": 2**bits - 1}
        return {"type": "integer", "minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}
    if word in _NUMBERS:
        return {"type": "number"}
    return {}


def _refers(fact: PropertyFact) -> str:
    if match := _LINK.match(fact.qemu):
        return match["target"]
    return next((kind for kind, pattern in _BACK_ENDS if pattern.search(fact.description)), "")
