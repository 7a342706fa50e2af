"""Back ends that options make beside what they are for, such as `-serial` and `-nic`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from machdesc.importing.argument import CommandLine, Tree, read_command_line

_PORTS = ("serial", "parallel")
_SOCKETS = ("telnet", "tn3270", "websocket")
_PLAIN = ("null", "pty", "msmouse", "wctablet", "braille", "testdev", "stdio")
_HOST = re.compile(r"(?P<host>[^:]{0,64}):(?P<port>[^,@]{1,32})(?:@(?P<from>[^:]{0,64}):(?P<at>[^,]{1,32}))?")
_SIZE = re.compile(r"vc:(?P<width>\d+)(?P<chars>C?)x(?P<height>\d+)C?")
_FRONT_ENDS = ("id", "name", "mac", "macaddr", "model", "addr", "vectors")
"""Keys of `-nic` and `-net` that belong to the device, or name it."""

_AUDIO = "audiodev0"
"""The back end of `-audio` (audio/audio.c)."""

_NO_BACK_ENDS = ("none", "nic")


class BackEnd(NamedTuple):
    """A back end: its keyword, its kind and its properties."""

    keyword: str
    kind: str
    properties: dict[str, Tree]


def named_back_ends(command_line: CommandLine) -> Iterator[tuple[str, BackEnd]]:
    """Those whose id is known -> what they are."""
    for port in _PORTS:
        # A serial port that is not there has a number too, a parallel one has none (softmmu/vl.c).
        texts = [a.text for a in command_line.all(port) if port == "serial" or a.text != "none"]
        if port == "serial" and command_line.all("nographic") and not texts:
            texts = ["mon:stdio"]
        for number, text in enumerate(texts):
            made = character_device(text)
            if made is not None:
                yield f"{port}{number}", made
    for argument in command_line.all("debugcon"):
        made = character_device(argument.text)
        if made is not None:
            yield "debugcon", made
    for argument in command_line.all("audio"):
        properties = {name: value for name, value in argument.properties.items() if name not in _FRONT_ENDS}
        yield argument.id or _AUDIO, BackEnd("audiodev", argument.first, properties)
    for argument in command_line.all("virtfs"):
        properties = dict(argument.properties)
        tag = str(properties.pop("mount_tag", ""))
        yield str(properties.pop("id", tag)), BackEnd("fsdev", argument.first, properties)
    for argument in command_line.all("nic"):
        if argument.id:
            yield argument.id, _netdev(argument.first, argument.properties)


def flash_drives(command_line: CommandLine) -> dict[str, dict[str, Tree]]:
    """Drives that are the flash of the machine, by id. One that names no unit has the first that is free,
    and is called after it where it has no id (blockdev.c: drive_new)."""
    found: dict[str, dict[str, Tree]] = {}
    taken: set[int] = set()
    for argument in command_line:
        properties = dict(argument.properties)
        if argument.name == "pflash":
            properties = {"if": "pflash", "file": argument.text}
        elif argument.name != "drive" or properties.get("if") != "pflash":
            continue
        said = str(properties.get("unit", properties.get("index", "")))
        unit = int(said) if said.isdecimal() else next(n for n in count() if n not in taken)
        taken.add(unit)
        found[str(properties.pop("id", f"pflash{unit}"))] = properties
    return found


def nameless_netdevs(command_line: CommandLine) -> list[BackEnd]:
    """Those of `-nic` and `-net` to which QEMU gives an id, in the order of these ids (net/net.c); that of a
    bare command line is like one of `-net user`."""
    if len(command_line) and not any(
        command_line.all(name) for name in ("nic", "net", "netdev", "nodefaults")
    ):
        return [BackEnd("netdev", "user", {})]
    return [
        _netdev(argument.first, argument.properties)
        for name in ("nic", "net")
        for argument in command_line.all(name)
        if argument.first not in _NO_BACK_ENDS and not argument.id
    ]


def character_device(text: str) -> BackEnd | None:
    """What the text behind `-serial` and its like makes (chardev/char.c: qemu_chr_parse_compat); None where
    that is nothing, or one that is named."""
    if text.startswith("mon:"):
        made = character_device(text.removeprefix("mon:"))
        # Ctrl-C goes to the guest then.
        return made._replace(properties={"signal": "off"}) if made and made.kind == "stdio" else made
    word, colon, rest = text.partition(":")
    if text in _PLAIN:
        return BackEnd("chardev", text, {})
    if word == "vc":
        return BackEnd("chardev", "vc", _console(text))
    if colon and word in ("file", "pipe", "pty"):
        return BackEnd("chardev", word, {"path": rest})
    if colon and word == "unix":
        (parsed,) = read_command_line(("-chardev", f"socket,path={rest}"))
        return BackEnd("chardev", "socket", dict(parsed.properties))
    if colon and word in ("tcp", "udp", *_SOCKETS):
        return _remote(word, rest)
    if text.startswith("/dev/"):
        kind = "parallel" if text.startswith(("/dev/parport", "/dev/ppi")) else "serial"
        return BackEnd("chardev", kind, {"path": text})
    return None


def _console(text: str) -> dict[str, Tree]:
    size = _SIZE.fullmatch(text)
    if size is None:
        return {}
    keys = ("cols", "rows") if size["chars"] else ("width", "height")
    return dict(zip(keys, (size["width"], size["height"]), strict=True))


def _remote(word: str, rest: str) -> BackEnd | None:
    address = _HOST.match(rest)
    if address is None:
        return None
    properties: dict[str, Tree] = {"host": address["host"], "port": address["port"]}
    if word == "udp":
        local = {"localaddr": address["from"], "localport": address["at"]} if address["at"] else {}
        return BackEnd("chardev", "udp", {**properties, **local})
    (parsed,) = read_command_line(("-chardev", f"socket{rest[address.end() :]}"))
    properties |= parsed.properties
    return BackEnd("chardev", "socket", properties | ({word: "on"} if word in _SOCKETS else {}))


def _netdev(kind: str, properties: object) -> BackEnd:
    assert isinstance(properties, dict)
    return BackEnd("netdev", kind, {n: v for n, v in properties.items() if n not in _FRONT_ENDS})
