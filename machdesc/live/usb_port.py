"""The ports of the USB devices of a running QEMU, out of what QOM says.

QOM says a port only where one was asked for, and only the monitor for people says them all. But it says in
which order devices came to a bus (the numbers of its `child[…]`), and QEMU's choice follows from that:
`usb_claim_port` in hw/usb/bus.c takes the first free port, and makes a hub at the last one. What was
unplugged left its port behind those that were free (`usb_release_port`). A number that is missing shows that
there was such a device, and not which port it had, so the choices after it are unknown.
"""

from __future__ import annotations

import re

from machdesc.live.qom import Object, Tree

_CHILD = re.compile(r"child\[(\d{1,9})\]", re.ASCII)
_HUB = "usb-hub"
_HUB_PORTS = 8
"""MAX_PORTS in hw/usb/dev-hub.c of 5.2 to 11.1."""

_MOST_PORTS = 255
"""More than any controller has (`ports` of a hub and `p2` of xHCI are of 8 bits or less)."""

_COUNTS = ("num-ports", "p2", "p3")
"""Properties of controllers that say how many ports there are; of several the largest does (hcd-ohci.c, and
usb_xhci_init in hcd-xhci.c, in hw/usb)."""

_FIXED = {"uhci": 2, "ehci": 6}
"""A word in the type of a controller without these -> its ports (NB_PORTS in hw/usb/hcd-uhci.h and
hcd-ehci.h)."""


def usb_ports(bus: Object, path: str, tree: Tree, root: str) -> dict[str, str]:
    """The port of each device on a bus that is at `path` below `root`, by the device's path below it; empty
    where it is not known."""
    order = _devices(bus, root)
    free = [str(number + 1) for number in range(_port_count(path, tree))]
    found: dict[str, str] = {}
    is_certain = True
    for position, number in enumerate(sorted(order)):
        device, after = order[number], order.get(number + 1, "")
        is_certain = is_certain and number == position and device in tree
        if device in found:
            continue
        if len(free) == 1 and not _asked(device, tree) and _is_hub(after, tree) and not _is_hub(device, tree):
            # QEMU made the hub while it looked for a port for this one.
            _claim(after, tree, free, found, is_certain)
        _claim(device, tree, free, found, is_certain)
    return found


def _claim(device: str, tree: Tree, free: list[str], found: dict[str, str], is_certain: bool) -> None:
    asked = _asked(device, tree)
    port = asked or (free[0] if free and is_certain else "")
    found[device] = port
    if port in free:
        free.remove(port)
    if _is_hub(device, tree) and port:
        free += [f"{port}.{number + 1}" for number in range(_number(device, "ports", tree) or _HUB_PORTS)]


def _devices(bus: Object, root: str) -> dict[int, str]:
    """Number on the bus -> path of the device below the root."""
    found: dict[int, str] = {}
    for name, told in bus.items():
        match = _CHILD.fullmatch(name)
        if match and isinstance(told.value, str):
            found[int(match[1])] = told.value.removeprefix(f"{root}/")
    return found


def _port_count(bus: str, tree: Tree) -> int:
    """The ports of the controller that offers a bus; as many as there may be where it does not say."""
    owner = bus.rpartition("/")[0]
    counts = [_number(owner, name, tree) for name in _COUNTS]
    if any(counts):
        return max(counts)
    type = _text(owner, "type", tree)
    return next((count for word, count in _FIXED.items() if word in type), _MOST_PORTS)


def _is_hub(device: str, tree: Tree) -> bool:
    return _text(device, "type", tree) == _HUB


def _asked(device: str, tree: Tree) -> str:
    return _text(device, "port", tree)


def _text(path: str, name: str, tree: Tree) -> str:
    told = tree.get(path, {}).get(name)
    return told.value if told is not None and isinstance(told.value, str) else ""


def _number(path: str, name: str, tree: Tree) -> int:
    told = tree.get(path, {}).get(name)
    return min(told.value, _MOST_PORTS) if told is not None and isinstance(told.value, int) else 0
