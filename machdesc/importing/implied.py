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


_COUNTED = re.compile(r"#net(\d{1,9})\d\d", re.ASCII)
_NUMBERED = re.compile(r"__org\.qemu\.nic(\d{1,9})", re.ASCII)
_HUB = re.compile(r"hub\d+port\d+", re.ASCII)
"""What a card shows of a back end without an id."""


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
    for argument in (*command_line.all("nic"), *command_line.all("net")):
        if argument.id and argument.first not in _NO_BACK_ENDS:
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


def network_of(shown: str, command_line: CommandLine) -> BackEnd | None:
    """The back end of a card that has none with an id, by what the card shows of its peer; None where the
    command line does not say it.

    A card of `-nic` shows a count of such options and two random digits, such as `#net117` (net/net.c:
    net_param_nic; util/id.c: id_generate), in 5.2 the number of the card, such as `__org.qemu.nic1`. One of
    `-net` shows its port of the hub to which all back ends of `-net` are plugged; a bare command line has one
    such card, and `user` behind the hub. Seen in 5.2, 7.2, 10.0 and 11.1.
    """
    cards = [argument for argument in command_line.all("nic") if argument.first not in _NO_BACK_ENDS]
    counted, numbered, hub = (pattern.fullmatch(shown) for pattern in (_COUNTED, _NUMBERED, _HUB))
    if counted:
        cards = [argument for argument in cards if not argument.id]
        number = int(counted[1])
    elif numbered:
        number = int(numbered[1])
    elif hub:
        behind = [a for a in command_line.all("net") if a.first not in _NO_BACK_ENDS]
        if behind:
            return _netdev(behind[-1].first, behind[-1].properties)
        is_bare = len(command_line) and not any(map(command_line.all, ("nic", "net", "netdev", "nodefaults")))
        return BackEnd("netdev", "user", {}) if is_bare else None
    else:
        return None
    return _netdev(cards[number].first, cards[number].properties) if number < len(cards) else None


def is_nameless(shown: str) -> bool:
    """Whether what a card shows of its peer is no id that somebody gave."""
    return any(pattern.fullmatch(shown) for pattern in (_COUNTED, _NUMBERED, _HUB))


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
