"""Reads QEMU's command line, as far as it says what its monitor does not tell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | int | float | bool"

_ALONE = {
    "nodefaults", "no-user-config", "S", "s", "daemonize", "enable-kvm", "nographic", "no-reboot",
    "no-shutdown", "no-acpi", "no-hpet", "snapshot", "usb", "sdl", "full-screen", "no-fd-bootchk",
    "only-migratable", "curses", "no-quit", "h", "help", "version", "win2k-hack", "singlestep",
    "preconfig", "alt-grab", "ctrl-grab", "show-cursor", "mem-prealloc", "old-param", "rtc-td-hack",
}  # fmt: skip
"""Options without a value (qemu-options.hx of 5.2 to 11.1)."""

_FIRST = {"blockdev": "driver", "object": "qom-type", "netdev": "type", "chardev": "backend",
          "audiodev": "driver", "tpmdev": "type", "fsdev": "fsdriver", "numa": "type", "cpu": "model",
          "display": "type", "device": "driver", "vnc": "vnc", "accel": "accel", "boot": "order"}  # fmt: skip
"""Options whose first word has no key -> the key that it may be written with."""

_NESTED = ("blockdev", "audiodev", "object", "display")
"""Options whose keys with dots mean blocks."""

_HEADING = re.compile(r'\[(?P<name>[^\]\s"]+)(?:\s+"(?P<id>[^"]*)")?\]')
_KEY = re.compile(r'^\s*([^\s=#]+)\s*=\s*"([^"]*)"', re.MULTILINE)
_SECTIONS = {"boot-opts": "boot", "smp-opts": "smp", "memory": "m"}
"""Sections of a configuration file whose options have another name."""


class Argument(NamedTuple):
    """An option: its name without dashes, its first word, and its properties with nested ones opened; a
    key that is repeated has a list."""

    name: str
    first: str
    properties: Mapping[str, Tree]
    text: str

    @property
    def id(self) -> str:
        """The id that it gives."""
        return str(self.properties.get("id", self.properties.get("node-name", "")))


class CommandLine:
    """The options that a QEMU was started with, in order; none where they could not be read."""

    def __init__(self, arguments: Sequence[Argument]) -> None:
        self._arguments = arguments

    def __iter__(self) -> Iterator[Argument]:
        return iter(self._arguments)

    def __len__(self) -> int:
        return len(self._arguments)

    def all(self, name: str) -> list[Argument]:
        """The options of a name."""
        return [argument for argument in self._arguments if argument.name == name]

    def one(self, name: str, id: str) -> Argument | None:
        """The option of a name that gives an id."""
        return next((argument for argument in self.all(name) if argument.id == id), None)


def read_command_line(words: Sequence[str], open_file: Callable[[str], str] | None = None) -> CommandLine:
    """The options of a command line, without the program. `open_file` gives the text of a file that
    `-readconfig` names.

    :raises OSError: when that cannot be read.
    """
    found: list[Argument] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            continue
        name = word.lstrip("-")
        text = "" if name in _ALONE else next(rest, "")
        if name == "readconfig" and open_file is not None:
            found += read_config(open_file(text))
        else:
            found.append(_argument(name, text))
    return CommandLine(found)


def read_config(text: str) -> Iterator[Argument]:
    """The options of a `-readconfig` file (util/qemu-config.c)."""
    for section in re.split(r"^(?=\[)", text, flags=re.MULTILINE):
        heading = _HEADING.match(section)
        if heading is not None:
            pairs = dict(_KEY.findall(section))
            if heading["id"]:
                pairs["id"] = heading["id"]
            name = _SECTIONS.get(heading["name"], heading["name"])
            words = [f"{key}={value.replace(',', ',,')}" for key, value in pairs.items()]
            yield _argument(name, ",".join(words))


def _argument(name: str, text: str) -> Argument:
    if text.startswith("{"):
        try:
            properties = json.loads(text)
        except ValueError:
            return Argument(name, "", {}, text)
        return Argument(name, str(properties.pop(_FIRST.get(name, ""), "")), properties, text)
    pairs = list(_pairs(text))
    first = ""
    if name in _FIRST and pairs and pairs[0][1] is None:
        first = pairs.pop(0)[0]
    properties = {}
    for key, value in pairs:
        _put(
            properties,
            key.split(".") if name in ("blockdev", "audiodev", "object", "display") else [key],
            value,
        )
    properties = {key: _listed(value) for key, value in properties.items()}
    if name == "boot" and first:
        return Argument(name, "", {"order": first, **properties}, text)
    if name != "boot" and not first and _FIRST.get(name):
        first = str(properties.pop(_FIRST[name], ""))
    return Argument(name, first, properties, text)


def _pairs(text: str) -> Iterator[tuple[str, str | None]]:
    """`a=1,b,c=x,,y` as keys and values; two commas are one that belongs to a value."""
    for part in _split(text):
        key, equals, value = part.partition("=")
        if part:
            yield key, value.replace(",,", ",") if equals else None


def _split(text: str) -> Iterator[str]:
    part = ""
    pieces = text.split(",")
    while pieces:
        part += pieces.pop(0)
        if len(pieces) > 1 and pieces[0] == "":
            pieces.pop(0)
            part += ",,"
            continue
        yield part
        part = ""


def _put(properties: dict[str, Tree], path: list[str], value: str | None) -> None:
    """Sets a value at a path; what comes again makes a list."""
    key, *below = path
    if below:
        inner = properties.setdefault(key, {})
        if isinstance(inner, dict):
            _put(inner, below, value)
        return
    node: Tree = "on" if value is None else value
    earlier = properties.get(key)
    if earlier is None:
        properties[key] = node
    elif isinstance(earlier, list):
        earlier.append(node)
    else:
        properties[key] = [earlier, node]


def _listed(tree: Tree) -> Tree:
    """Blocks whose keys are numbers are lists (util/keyval.c)."""
    if not isinstance(tree, dict):
        return tree
    inner = {key: _listed(value) for key, value in tree.items()}
    if inner and all(key.isdecimal() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
