"""File names that are block nodes in JSON, as QEMU tells those that no plain name says."""

from __future__ import annotations

from machdesc.importing.argument import Tree
from machdesc.shape import parse_json

JSON = "json:"
"""What such a name begins with (block.c: parse_json_filename)."""

_MADE = {"vvfat": "write-target"}
"""Driver -> what it makes by itself, and refuses to be given (block/vvfat.c)."""


def node_of(name: str) -> dict[str, Tree]:
    """The options of the node; empty where the name is a plain one, or no JSON."""
    if not name.startswith(JSON):
        return {}
    try:
        node = parse_json(name.removeprefix(JSON))
    except ValueError:
        return {}
    return _given(node) if isinstance(node, dict) else {}


def _given(node: dict[str, Tree]) -> dict[str, Tree]:
    """A node without what its driver makes."""
    made = _MADE.get(str(node.get("driver")))
    return {
        name: _given(value) if isinstance(value, dict) else value
        for name, value in node.items()
        if name != made
    }
