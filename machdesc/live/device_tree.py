"""Reads the human monitor's `info qtree`: devices below buses below devices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_BUS = re.compile(r"(?P<indent> *)bus: (?P<name>.*)$")
_TYPE = re.compile(r" *type (?P<type>.*)$")
_DEVICE = re.compile(r'(?P<indent> *)dev: (?P<type>.*?), id "(?P<id>[^"]*)"$')
_PROPERTY = re.compile(r" *(?P<name>[\w.-]+) = (?P<value>.*)$")
_USB_PORT = re.compile(r" *addr \d+\.\d+, port (?P<port>[\d.]+), ")
_PCI_ADDRESS = re.compile(r" *addr = (?P<slot>[0-9a-f]{2}\.[0-7])$")


@dataclass
class TreeBus:
    """A bus; `type` is QEMU's bus type."""

    name: str
    type: str = ""
    devices: list[TreeDevice] = field(default_factory=list)


@dataclass
class TreeDevice:
    """A device; `address` is its PCI slot and function (`1f.2`), the path of its USB port (`1.2`), or empty.

    `properties` are its properties' texts as QEMU prints them: strings in quotes, numbers as they come.
    """

    type: str
    id: str
    address: str = ""
    buses: list[TreeBus] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)


def parse_device_tree(text: str) -> list[TreeBus]:
    """The buses at the top, each with all that is below it, in QEMU's order."""
    top: list[TreeBus] = []
    open_nodes: list[tuple[int, TreeBus | TreeDevice]] = []
    for line in text.splitlines():
        if match := _BUS.match(line):
            bus = TreeBus(match["name"])
            parent = _parent(open_nodes, len(match["indent"]))
            (parent.buses if isinstance(parent, TreeDevice) else top).append(bus)
            open_nodes.append((len(match["indent"]), bus))
        elif match := _DEVICE.match(line):
            device = TreeDevice(match["type"], match["id"])
            parent = _parent(open_nodes, len(match["indent"]))
            if isinstance(parent, TreeBus):
                parent.devices.append(device)
            open_nodes.append((len(match["indent"]), device))
        elif open_nodes:
            node = open_nodes[-1][1]
            if isinstance(node, TreeBus):
                if not node.type and (match := _TYPE.match(line)):
                    node.type = match["type"]
            elif match := _USB_PORT.match(line):
                node.address = match["port"]
            elif match := _PROPERTY.match(line):
                node.properties[match["name"]] = match["value"]
                if match := _PCI_ADDRESS.match(line):
                    node.address = match["slot"]
    return top


def walk_buses(buses: list[TreeBus]) -> Iterator[TreeBus]:
    """All buses of a tree, a bus before what is below it."""
    for bus in buses:
        yield bus
        for device in bus.devices:
            yield from walk_buses(device.buses)


def walk_devices(buses: list[TreeBus]) -> Iterator[tuple[TreeBus, TreeDevice]]:
    """All devices of a tree, each with the bus that it sits on."""
    for bus in walk_buses(buses):
        for device in bus.devices:
            yield bus, device


def _parent(open_nodes: list[tuple[int, TreeBus | TreeDevice]], indent: int) -> TreeBus | TreeDevice | None:
    while open_nodes and open_nodes[-1][0] >= indent:
        open_nodes.pop()
    return open_nodes[-1][1] if open_nodes else None
