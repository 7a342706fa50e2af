"""What of a command line a later run has too: no monitors, no sockets that were handed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from machdesc.importing.argument import Argument, CommandLine, Tree
from machdesc.importing.secret import names_in

_MONITORS = ("mon", "monitor", "qmp", "qmp-pretty")


def lasting(command_line: CommandLine, chardevs: Mapping[str, str]) -> CommandLine:
    """The command line without character devices that only monitors use, which whoever starts QEMU adds
    again; and with the address of a socket in place of its descriptor, as far as `chardevs`, ids and
    what the monitor calls their files, tells it."""
    of_monitors = set(_named(command_line, True)) - set(_named(command_line, False))
    kept = [a for a in command_line if a.name != "chardev" or a.id not in of_monitors]
    return CommandLine([_addressed(a, chardevs) for a in kept], command_line.unread)


def socket_properties(filename: str) -> dict[str, Tree]:
    """The properties of a socket as the monitor calls its file, such as `disconnected:unix:/a,server=on`;
    empty where that says no address (chardev/char-socket.c: qemu_chr_socket_address)."""
    kind, _, rest = filename.removeprefix("disconnected:").partition(":")
    address, *options = rest.partition(" <-> ")[0].split(",")
    host, colon, port = address.rpartition(":")
    found: dict[str, Tree] = {}
    if kind == "unix" and address:
        found = {"path": address}
    elif kind in ("tcp", "telnet", "tn3270", "websocket") and colon:
        found = {"host": host.strip("[]"), "port": port}
        found |= {} if kind == "tcp" else {kind: "on"}
    if found and ("server=on" in options or "server" in options):
        found |= {"server": "on", "wait": "off"}
    return found


def _named(command_line: CommandLine, by_monitors: bool) -> Iterator[str]:
    """Whatever may be the id of a character device."""
    for argument in command_line:
        if argument.name != "chardev" and (argument.name in _MONITORS) == by_monitors:
            yield argument.text.removeprefix("mon:").removeprefix("chardev:")
            yield from names_in(dict(argument.properties))


def _addressed(argument: Argument, chardevs: Mapping[str, str]) -> Argument:
    if argument.name != "chardev" or "fd" not in argument.properties:
        return argument
    address = socket_properties(chardevs.get(argument.id, ""))
    if not address:
        return argument
    rest = {name: value for name, value in argument.properties.items() if name != "fd"}
    return argument._replace(properties={**address, **rest})
