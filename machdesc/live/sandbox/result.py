"""What the sandbox yields: options to start a QEMU with, what they need, and what is not as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from machdesc.backend.argument import emit_arguments
from machdesc.backend.option import Option
from machdesc.live.sandbox.server import Server


@dataclass(frozen=True)
class Place:
    """Where a front end may look different, or is missing: `subject` is an option, such as `netdev lan`."""

    subject: str
    reason: str


@dataclass(frozen=True)
class Harmless:
    """Options to start with, and what `machdesc.live.guest.start_guest` needs for them.

    `copies` are contents of file descriptors by their set's number, `files` contents of files and `servers`
    what answers at sockets, by the placeholders that stand for their names in the options. `replaced` names
    the back ends that others take the place of. `changed` are properties that were left out, or are
    copies: the name of a device (its type where it has none), or `machine`, `cpu`, and the key.
    """

    options: tuple[Option, ...]
    copies: dict[int, bytes]
    files: dict[str, bytes]
    servers: dict[str, Server]
    places: tuple[Place, ...]
    replaced: tuple[str, ...]
    changed: frozenset[tuple[str, str]]

    def arguments(self, names: Mapping[str, str] | None = None) -> list[str]:
        """The options as arguments, without the program; `names` are those that placeholders stand for."""
        if not names:
            return emit_arguments(list(self.options))
        return emit_arguments([_named(option, names) for option in self.options])


def _named(option: Option, names: Mapping[str, str]) -> Option:
    """An option with the names that its placeholders stand for."""
    pairs = tuple((key, names.get(value, value)) for key, value in option.pairs)
    if not option.json:
        return option._replace(pairs=pairs)
    values = json.loads(option.json)
    changed = {k: names.get(v, v) if isinstance(v, str) else v for k, v in values.items()}
    return option._replace(json=json.dumps(changed))
