"""A device has got a back end, or lost it.

What it checks: properties that name a back end and stand on one side only.

Why the guest notices: a drive without a medium, or a card without a link, is another thing for it.

How to fix: name a back end on both sides.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD050"
BREAKS = "additive"

_SERIAL_PORTS = ("isa-serial", "pci-serial")
_LINES = "serial"
"""The kind of character device that is a line of the host, and has modem signals."""


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement | None:
    """Nothing for a serial port: without a character device it has the same registers, unless that is a
    line of the host (`serial_update_msl` in hw/char/serial.c asks for its signals)."""
    device = new.device(difference.subject) or old.device(difference.subject)
    if difference.name == "chardev" and device is not None and device.type is not None:
        kinds = {
            statement.head.text
            for guest, name in ((old, difference.old), (new, difference.new))
            for statement in guest.description.host_all("chardev")
            if statement.head is not None and statement.id is not None and statement.id.text == name
        }
        if device.type.name in _SERIAL_PORTS and kinds and _LINES not in kinds:
            return None
    return Judgement(BREAKS)
