"""What of options' values is not written down: what lets somebody in, and what only one run has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from machdesc.importing.argument import Tree
from machdesc.importing.node import JSON
from machdesc.shape import parse_json

_SECRETS = {"password", "data", "cookie"}
"""Keys whose values let somebody in: of block drivers, `spice` and objects `secret`."""

DESCRIPTORS = {
    "fd": "write what it stands for, such as `path` of a socket or `ifname` of a tap",
    "fds": "write what they stand for, such as `ifname` of a tap",
    "vhostfd": "QEMU opens /dev/vhost-net by itself",
    "vhostfds": "QEMU opens /dev/vhost-net by itself",
}
"""Keys of file descriptors that whoever started QEMU opened -> what to write in their place."""

_DESCRIPTOR_PATH = re.compile(r"/dev/fdset/\d+")
_USER = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^/@?#]*)@")
"""What stands before the host of a URL."""

_RBD_KEY = re.compile(r":key=(?:\\.|[^:\\])*")
"""The key in the one text that names an image of Ceph (block/rbd.c: qemu_rbd_parse_filename)."""


class Sifted(NamedTuple):
    """Properties to write, and the sentences of what is missing in them."""

    kept: dict[str, Tree]
    missing: list[str]


def sifted(properties: Mapping[str, Tree], above: str = "") -> Sifted:
    """The properties without secrets and descriptors, however deep.

    A switch such as `password on` is no secret. `above` stands before the names that are told.
    """
    kept: dict[str, Tree] = {}
    missing: list[str] = []
    for name, value in properties.items():
        reason = _reason(name.rpartition(".")[2], value)
        if reason:
            missing.append(f"`{above}{name}` {reason}")
            continue
        kept[name], more = _value(value, f"{above}{name}")
        missing += more
    return Sifted(kept, missing)


def _reason(key: str, value: Tree) -> str:
    """Why a property is not written; empty where it is."""
    if key in _SECRETS and value not in ("on", "off", True, False):
        return "is a secret and not written down"
    if key in DESCRIPTORS:
        return f"is a file that another program opened for this run: {DESCRIPTORS[key]}"
    if isinstance(value, str) and _DESCRIPTOR_PATH.fullmatch(value):
        return f"is {value}, a file that another program opened for this run: write its path"
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return "is no UTF-8 and not written down"
    return ""


def _value(value: Tree, name: str) -> tuple[Tree, list[str]]:
    if isinstance(value, dict):
        return sifted(value, f"{name}.")
    if isinstance(value, list):
        pairs = [_value(item, f"{name}.{number}") for number, item in enumerate(value)]
        return [item for item, _ in pairs], [line for _, more in pairs for line in more]
    if isinstance(value, str) and value.startswith(JSON):
        return _json(value, name)
    if isinstance(value, str):
        text = _text(value)
        return text, [f"`{name}` has a secret in it, which is not written down"] if text != value else []
    return value, []


def _json(text: str, name: str) -> tuple[str, list[str]]:
    """A file name that is a block node in JSON (block.c: parse_json_filename)."""
    try:
        node = parse_json(text.removeprefix(JSON))
    except ValueError:
        node = None
    if not isinstance(node, dict):
        return JSON, [f"`{name}` is no JSON and not written down"]
    kept, missing = sifted(node, f"{name}.")
    return (JSON + json.dumps(kept) if missing else text), missing


def _text(text: str) -> str:
    """A text without a password in its URL; the user of ssh alone is none."""
    if text.startswith("rbd:"):
        return _RBD_KEY.sub("", text)
    return _USER.sub(
        lambda m: m[0] if m["scheme"] == "ssh://" and ":" not in m["user"] else m["scheme"], text
    )


def names_in(tree: Tree) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(tree, dict):
        for value in tree.values():
            yield from names_in(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from names_in(value)
    elif isinstance(tree, str):
        yield tree
