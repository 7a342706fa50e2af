"""What an example promises, held against what QEMU shows: every function returns the differences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.live.description import Example, Part, integer
from tests.live.snapshot import PciPlace, Snapshot

TOPOLOGY = ("cpus", "maxcpus", "sockets", "dies", "clusters", "cores", "threads")

UNREADABLE = {
    ("usb-storage", "drive"): "taken over by the scsi-hd that it creates",
    ("usb-storage", "serial"): "handed to the scsi-hd that it creates",
}
"""Properties that a device accepts and does not show afterwards, with the reason."""


def device_differences(example: Example, snapshot: Snapshot) -> Iterator[str]:
    """Every device is there, of its type, at its address, with every value that is written."""
    for part in example.all("device"):
        shown = snapshot.devices.get(part.id)
        if shown is None:
            yield f"{part.id}: not there"
            continue
        if shown["type"] != part.type:
            yield f"{part.id}: is a {shown['type']}, not a {part.type}"
        yield from _address_differences(part, shown)
        for name, text in part.properties.items():
            if (part.type, name) in UNREADABLE:
                continue
            if name not in shown:
                yield f"{part.id}: {name} cannot be read back"
            elif not equal(text, shown[name]):
                yield f"{part.id}: {name} is {shown[name]!r}, written is {text}"
    extra = snapshot.devices.keys() - {part.id for part in example.all("device")}
    for name in sorted(extra):
        yield f"{name}: nobody asked for it"


def machine_differences(example: Example, snapshot: Snapshot) -> Iterator[str]:
    """Machine type and properties, topology, CPU features, memory, name and UUID."""
    machine, cpu, memory = example.one("machine"), example.one("cpu"), example.one("memory")
    family = {"q35": "pc-q35", "pc": "pc-i440fx"}.get(machine.type, machine.type)
    wanted = "-".join((family, *machine.words[3:4], "machine"))
    if snapshot.machine["type"] != wanted:
        yield f"machine: is {snapshot.machine['type']}, not {wanted}"
    for name, text in machine.properties.items():
        if not equal(text, snapshot.machine.get(name)):
            yield f"machine: {name} is {snapshot.machine.get(name)!r}, written is {text}"

    model = "-".join((cpu.type, *cpu.words[3:4], "x86_64-cpu"))
    if snapshot.cpu["type"] != model:
        yield f"cpu: is {snapshot.cpu['type']}, not {model}"
    for name, text in cpu.properties.items():
        shown = snapshot.machine["smp"].get(name) if name in TOPOLOGY else snapshot.cpu.get(name)
        # TCG cannot do every feature; QEMU then says so instead of pretending.
        if not equal(text, shown) and not (text == "on" and _unavailable(snapshot.cpu, name)):
            yield f"cpu: {name} is {shown!r}, written is {text}"

    size = snapshot.answers["query-memory-size-summary"]["base-memory"]
    if size != integer(memory.type):
        yield f"memory: is {size}, written is {memory.type}"
    for name, key in (("slots", "slots"), ("max", "max-size")):
        shown = snapshot.machine["memory"].get(key)
        if name in memory.properties and shown != integer(memory.properties[name]):
            yield f"memory: {name} is {shown}, written is {memory.properties[name]}"

    guest = example.one("guest")
    if snapshot.answers["query-name"].get("name") != guest.type:
        yield f"guest: is called {snapshot.answers['query-name'].get('name')}, not {guest.type}"
    uuid = guest.properties.get("uuid", "00000000-0000-0000-0000-000000000000")
    if snapshot.answers["query-uuid"]["UUID"] != uuid:
        yield f"guest: UUID is {snapshot.answers['query-uuid']['UUID']}, not {uuid}"


def object_differences(example: Example, snapshot: Snapshot) -> Iterator[str]:
    """Objects outside `host` are there with every value that is written."""
    for part in example.all("object"):
        shown = snapshot.objects.get(part.id)
        if shown is None:
            yield f"object {part.id}: not there"
            continue
        for name, text in part.properties.items():
            if not equal(text, shown.get(name)):
                yield f"object {part.id}: {name} is {shown.get(name)!r}, written is {text}"


def node_differences(example: Example, snapshot: Snapshot) -> Iterator[str]:
    """Each processor, there or not yet, is on the NUMA node that lists its number."""
    wanted: list[int] = []
    for part in example.all("numa"):
        if part.type == "node":
            wanted += [int(part.properties["nodeid"])] * part.lists.get("cpus", 0)
    slots = snapshot.answers["query-hotpluggable-cpus"] or []
    shown = sorted(slot["props"]["node-id"] for slot in slots if "node-id" in slot["props"])
    # Without a word about nodes QEMU makes one of its own where memory can be plugged in.
    if shown != wanted and (wanted or any(shown)):
        yield f"numa: processors are on nodes {shown}, written is {wanted}"


def place_differences(example: Example, places: dict[str, PciPlace]) -> Iterator[str]:
    """Every PCI device is shown by query-pci at its address; only of those that are shown."""
    devices = {part.id: part for part in example.all("device")}
    for name, shown in places.items():
        bus, _, unit = devices[name].address.partition("/")
        # A bus with an id of its own is behind the device of that id, unless it is an expander.
        bridge = bus if bus in devices and not devices[bus].type.startswith("pxb") else ""
        wanted = PciPlace(bridge, *(int(number, 16) for number in unit.split(".")))
        if shown != wanted:
            yield f"{name}: query-pci shows {shown}, written is {wanted}"


def snapshot_differences(one: Snapshot, other: Snapshot) -> Iterator[str]:
    """Where two machines differ that were made from the same description."""
    for what in ("machine", "cpu", "answers"):
        yield from _dict_differences(what, getattr(one, what), getattr(other, what))
    for left, right in ((one.devices, other.devices), (one.objects, other.objects)):
        yield from (f"{name}: only in one" for name in sorted(left.keys() ^ right.keys()))
        for name in sorted(left.keys() & right.keys()):
            yield from _dict_differences(name, left[name], right[name])
    if one.pci != other.pci:
        yield "query-pci answers differently"


def equal(text: str, shown: Any) -> bool:
    """Whether a written value is the one that QMP shows, by the type of what is shown."""
    if isinstance(shown, bool):
        return {"on": True, "off": False, "true": True, "false": False}.get(text) is shown
    if isinstance(shown, int):
        return integer(text) == shown
    if not isinstance(shown, str):
        return False
    if shown.startswith("/"):
        return shown.rpartition("/")[2] == text
    return shown == text or (integer(text) is not None and integer(text) == integer(shown))


def is_pci(part: Part) -> bool:
    """Whether the address is one of PCI: `BUS/SLOT.FUNCTION`, and no port path of USB."""
    unit = part.address.partition("/")[2]
    return len(unit) == 4 and unit[2] == "." and not part.type.startswith("usb-")


def _address_differences(part: Part, shown: dict[str, Any]) -> Iterator[str]:
    if not part.address:
        return
    bus, _, unit = part.address.partition("/")
    shown_bus = str(shown.get("parent_bus", "")).rpartition("/")[2]
    if part.type == "nvme-ns" and shown_bus != bus:
        # A controller in a subsystem hands its namespaces on to it (hw/nvme/ns.c).
        return
    if shown_bus != bus:
        yield f"{part.id}: is on bus {shown_bus!r}, written is {bus!r}"
    if not unit:
        return
    if is_pci(part):
        names: tuple[str, ...] = ("addr",)
        slot, function = (int(number, 16) for number in unit.split("."))
        wanted = [str(slot << 3 | function)]
    elif unit.count(":") == 2:
        names, wanted = ("channel", "scsi-id", "lun"), unit.split(":")
    else:
        names = tuple(name for name in ("port", "unit", "nr", "cad") if name in shown)[:1]
        wanted = [unit]
    values = [str(shown.get(name)) for name in names]
    if values != wanted:
        yield f"{part.id}: {', '.join(names) or 'address'} is {values}, written is {unit}"


def _unavailable(cpu: dict[str, Any], feature: str) -> bool:
    return feature in cpu.get("unavailable-features", ())


def _dict_differences(what: str, one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            yield f"{what}: {name} is {one.get(name)!r} in one, {other.get(name)!r} in the other"
