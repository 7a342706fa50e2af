"""Reads QEMU's command line, as far as it says what its monitor does not tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from machdesc.shape import parse_json

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | int | float | bool"

ALONE = {
    "S", "alt-grab", "async-teardown", "audio-help", "ctrl-grab", "curses", "daemonize", "enable-fips",
    "enable-kvm", "enable-sync-profile", "full-screen", "h", "help", "jitdump", "mem-prealloc", "no-acpi",
    "no-fd-bootchk", "no-hpet", "no-quit", "no-reboot", "no-shutdown", "no-user-config", "nodefaults",
    "nographic", "old-param", "only-migratable", "perfmap", "portrait", "preconfig", "s", "sdl",
    "show-cursor", "singlestep", "snapshot", "usb", "version", "win2k-hack", "xen-attach",
    "xen-domid-restrict",
}  # fmt: skip
"""Options without a value (qemu-options.hx of 5.2 to 11.1)."""

_KIND = {"blockdev": "driver", "object": "qom-type", "netdev": "type", "nic": "type", "net": "type",
         "chardev": "backend", "audiodev": "driver", "audio": "driver", "tpmdev": "type", "fsdev": "fsdriver",
         "virtfs": "fsdriver", "numa": "type", "cpu": "model", "display": "type", "device": "driver",
         "vnc": "vnc", "accel": "accel"}  # fmt: skip
"""Options that begin with a kind -> the key that it may be written with."""

_FIRST_KEY = {"boot": "order", "fw_cfg": "name", "machine": "type", "M": "type", "mon": "chardev",
              "name": "guest", "sandbox": "enable"}  # fmt: skip
"""Options whose first property may stand without its key (`implied_opt_name`) -> that key."""

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
    """The options that a QEMU was started with, in order; none where they could not be read.

    `unread` are sentences of configuration files whose options are missing.
    """

    def __init__(self, arguments: Sequence[Argument], unread: Sequence[str] = ()) -> None:
        self._arguments = arguments
        self.unread = unread

    def __iter__(self) -> Iterator[Argument]:
        return iter(self._arguments)

    def __len__(self) -> int:
        return len(self._arguments)

    def all(self, name: str) -> list[Argument]:
        """The options of a name."""
        return [argument for argument in self._arguments if argument.name == name]

    def together(self, *names: str) -> dict[str, Tree]:
        """What the options of a name, or of its other names, say together: of a key the last counts."""
        return {k: v for name in names for argument in self.all(name) for k, v in argument.properties.items()}

    def one(self, name: str, id: str) -> Argument | None:
        """The option of a name that gives an id."""
        return next((argument for argument in self.all(name) if argument.id == id), None)


def read_command_line(words: Sequence[str], open_file: Callable[[str], str] | None = None) -> CommandLine:
    """The options of a command line, without the program. `open_file` gives the text of a file that
    `-readconfig` names, or raises OSError or UnicodeDecodeError."""
    found: list[Argument] = []
    unread: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            continue
        name = word.lstrip("-")
        text = "" if name in ALONE else next(rest, "")
        if name != "readconfig" or open_file is None:
            found.append(_argument(name, text))
            continue
        try:
            found += read_config(open_file(text))
        except (OSError, UnicodeDecodeError) as failed:
            reason = failed.strerror if isinstance(failed, OSError) else "is no UTF-8"
            unread.append(f"-readconfig {text}: {reason}; what only this file says is missing")
    return CommandLine(found, unread)


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
            properties = parse_json(text, any_text=True)
        except ValueError:
            return Argument(name, "", {}, text)
        return Argument(name, str(properties.pop(_KIND.get(name, ""), "")), properties, text)
    if name == "global":
        return Argument(name, "", _global(text), text)
    pairs = list(_pairs(text))
    bare = pairs.pop(0)[0] if pairs and pairs[0][1] is None and name in {*_KIND, *_FIRST_KEY} else ""
    properties = {_FIRST_KEY[name]: bare} if bare and name in _FIRST_KEY else {}
    for key, value in pairs:
        path = key.split(".") if name in _NESTED else [key]
        if value is not None:
            _put(properties, path, value)
        elif key.startswith("no") and name != "cpu":  # the older way to turn a flag off (util/qemu-option.c)
            _put(properties, [key[2:]], "off")
        else:
            _put(properties, path, "on")
    properties = {key: _listed(value) for key, value in properties.items()}
    if name in _KIND:
        return Argument(name, bare or str(properties.pop(_KIND[name], "")), properties, text)
    return Argument(name, "", properties, text)


def _global(text: str) -> dict[str, Tree]:
    """`DRIVER.PROPERTY=VALUE`, where the driver ends at the first dot and a comma is like any other
    character, or the three with their keys (softmmu/qdev-monitor.c: qemu_global_option)."""
    driver, dot, rest = text.partition(".")
    name, equals, value = rest.partition("=")
    if dot and equals and not text.startswith("driver="):
        return {"driver": driver, "property": name, "value": value}
    return {key: value for key, value in _pairs(text) if value is not None}


def _pairs(text: str) -> Iterator[tuple[str, str | None]]:
    """`a=1,b,c=x,,y` as keys and values; two commas are one that belongs to a value."""
    for part in _split(text):
        key, equals, value = part.partition("=")
        if equals:
            yield key, value.replace(",,", ",")
        elif part:
            yield part.replace(",,", ","), None


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


def _put(properties: dict[str, Tree], path: list[str], value: str) -> None:
    """Sets a value at a path; what comes again makes a list."""
    key, *below = path
    if below:
        inner = properties.setdefault(key, {})
        if isinstance(inner, dict):
            _put(inner, below, value)
        return
    earlier = properties.get(key)
    if earlier is None:
        properties[key] = value
    elif isinstance(earlier, list):
        earlier.append(value)
    else:
        properties[key] = [earlier, value]


def _listed(tree: Tree) -> Tree:
    """Blocks whose keys are numbers are lists (util/keyval.c)."""
    if not isinstance(tree, dict):
        return tree
    inner = {key: _listed(value) for key, value in tree.items()}
    if inner and all(key.isdecimal() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
