"""The map of memory and I/O ports: devices of the machine, and those that sit at ports of their own.

Sources: hw/timer/hpet.c, hw/i386/vmport.c, hw/input/pckbd.c, hw/char/serial-isa.c, hw/char/parallel.c,
hw/misc/pvpanic-isa.c (7.2, 10.2) for what a region is called.
"""

from __future__ import annotations

from collections.abc import Iterator

from machdesc.abi.machine import machine_values
from machdesc.live.view import View
from machdesc.resolve.guest import Guest
from machdesc.verify.finding import span_of, text
from machdesc.verify.sight.claim import Claim, Seen, switch

_SWITCHES = {
    "hpet": ("memory", 0xFED00000, "hpet"),
    "vmport": ("I/O", 0x5658, "vmport"),
    "i8042": ("I/O", 0x64, "i8042-cmd"),
}
"""Property of the machine -> where what it switches on is to be found, and its name there."""

_PORTS = {
    "isa-serial": ("iobase", "serial"),
    "isa-parallel": ("iobase", "parallel"),
    "pvpanic": ("ioport", "pvpanic"),
}
"""Type of a device -> the property that is its port, and its name there."""


def board_claims(guest: Guest, devices: list[Seen], view: View) -> Iterator[Claim]:
    """Claims about the whole guest."""
    values = machine_values(guest)
    for name, (space, place, region) in _SWITCHES.items():
        wanted = switch(values.get(name))
        if wanted is not None:
            seen = _what_is_at(view, space, place)
            said = f"`{name}` is {text(values[name].value)} ({values[name].detail})"
            where = f"{space} at {place:#x}"
            answers = {True: region, False: "nothing of it"}
            span = values[name].span or span_of(guest, "machine")
            yield Claim("machine", said, where, answers[wanted], answers[seen == region], span)
    for device in devices:
        name, region = _PORTS.get(device.running.type, ("", ""))
        port = device.number(name)
        if port is not None:
            yield device.claim(name, f"I/O at {port:#x}", region, _what_is_at(view, "I/O", port))


def _what_is_at(view: View, space: str, place: int) -> str:
    """What answers at an address; empty where nothing does."""
    for key, value in view.items():
        if key[:2] == ("map", space) and int(key[2], 16) <= place:
            last, _, what = str(value).removeprefix("to ").partition(": ")
            if place <= int(last, 16):
                return what
    return ""
