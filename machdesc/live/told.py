"""What a guest cannot read as registers or tables, and QEMU tells over QMP.

Some of it the guest learns by talking to a device (a disk's serial, a USB port), some only the
state holds (names of RAM blocks). So it helps to name what changed, and is no proof either way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from machdesc.live.device_tree import parse_device_tree, walk_devices
from machdesc.live.process import Process

GROUP = "told"
"""The first word of the keys."""

_PLACE = ("addr", "channel", "scsi-id", "lun", "port", "unit", "nr", "cad", "slot", "index")
_SHOWN = (
    "serial",
    "wwn",
    "port_wwn",
    "port_index",
    "vendor",
    "product",
    "ver",
    "device_id",
    "model",
    "rotation_rate",
    "removable",
    "chassis",
    "chassis_nr",
    "name",
    "bus_nr",
    "numa_node",
    "node",
    "usb_version",
    "mount_tag",
    "tag",
    "guest-cid",
    "guid",
    "iobase",
    "irq",
)
"""Properties of devices that a guest may learn by talking to them."""

_RAM_BLOCK = re.compile(r"^ *(\S+) +\d+ [KMG]iB +0x[0-9a-f]+ +0x[0-9a-f]+ +0x([0-9a-f]+)", re.MULTILINE)
_VOLATILE = {"rtc-time"}

Reading = tuple[tuple[str, ...], object]


def read_told(process: Process) -> Iterator[Reading]:
    """Keys begin with `told`, then `device`, `ram block`, `machine` or `memory device`."""
    monitor = process.monitor
    seen: dict[tuple[str, ...], int] = {}
    for bus, device in walk_devices(parse_device_tree(monitor.human("info qtree"))):
        place = [f"{name} {device.properties[name]}" for name in _PLACE if name in device.properties]
        where = ("device", bus.name, device.type, " ".join(place))
        seen[where] = seen.get(where, 0) + 1
        key: tuple[str, ...] = (GROUP, *where) if seen[where] == 1 else (GROUP, *where, f"{seen[where]}")
        yield key, device.id or "(no id)"
        for name in _SHOWN:
            if name in device.properties:
                yield (*key, name), device.properties[name]
    for name, size in _RAM_BLOCK.findall(monitor.human("info ramblock")):
        yield (GROUP, "ram block", name), int(size, 16)
    yield from _machine(process)
    for told in monitor.ask("query-memory-devices"):
        data = told["data"]
        shown = {name: data[name] for name in ("addr", "memaddr", "size", "slot", "node") if name in data}
        key = (GROUP, "memory device", str(data.get("id", "")))
        yield key, " ".join(f"{name} {value}" for name, value in shown.items())


def _machine(process: Process) -> Iterator[Reading]:
    monitor = process.monitor
    listed = monitor.ask("qom-list", path="/machine")
    names = sorted(
        entry["name"]
        for entry in listed
        if not entry["type"].startswith(("child<", "link<")) and entry["name"] not in _VOLATILE
    )
    answers = monitor.ask_all([("qom-get", {"path": "/machine", "property": name}) for name in names])
    for name, value in zip(names, answers, strict=True):
        if isinstance(value, (bool, int, str)):
            yield (GROUP, "machine", name), value
