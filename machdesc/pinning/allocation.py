"""Allocation: the bus and the unit that QEMU would give to each device that does not say its own.

Devices are made one by one, in the order of the command line; so every device is given its place with
only those before it plugged in. What a description writes is never changed.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.pinning.bus import INTERNAL, Buses, is_expander_root
from machdesc.pinning.unit import HUB, Asking, add_hub, claim_port, free_ports, free_unit
from machdesc.pinning.virtual_function import virtual_functions
from machdesc.record import Record
from machdesc.resolve.address import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.pinning.bus import Plug
    from machdesc.pinning.unit import Place
    from machdesc.resolve.guest import Device, Guest

    Places = Mapping[str, set[Place]]


class Placement(Record):
    """Where a device is to be: its number in the guest, the bus, and the unit (empty where the bus has
    none, or where the device writes it as properties).

    `properties` are those of the address that it lacks, when it writes others of them. `hub` is the
    port at which QEMU adds a USB hub first; empty where it adds none.
    """

    number: int
    bus: str
    unit: str
    properties: tuple[tuple[str, str], ...] = ()
    hub: str = ""


def allocate(guest: Guest, held: Places) -> tuple[list[Placement], list[Diagnostic]]:
    """The places of all devices whose address is not whole, in order.

    All devices have ids. `held` are places, by bus, that no device gets. Codes: no-bus, bus-full.
    """
    return _Allocation(guest, held).run()


class _Allocation:
    """One run: the buses so far, and which places on them are taken."""

    def __init__(self, guest: Guest, held: Places) -> None:
        self._guest = guest
        self._held = held
        self._buses = Buses(guest)
        self._taken: dict[str, set[Place]] = {}
        self._placements: list[Placement] = []
        self._diagnostics: list[Diagnostic] = []

    def run(self) -> tuple[list[Placement], list[Diagnostic]]:
        facts = self._guest.machine.facts(self._guest.release) if self._guest.machine is not None else None
        for place in facts.builtin if facts is not None else ():
            bus, _, unit = place.partition("/")
            self._take(bus, KINDS["PCI"].parse(unit) or ())
        for device in self._guest.devices:
            if device.address is not None and device.address.unit:
                self._take(device.address.bus.name, device.address.properties)
        for number, device in enumerate(self._guest.devices):
            self._plug(number, device)
        return self._placements, self._diagnostics

    def _take(self, bus: str, place: Place) -> None:
        self._taken.setdefault(bus, set()).add(place)

    def _plug(self, number: int, device: Device) -> None:
        """Plugs one device in; what it needs for that is a placement, or a diagnostic."""
        needed = device.type.bus(self._guest.release) if device.type is not None else ""
        if needed in ("", "System"):
            return  # there is one system bus, without addresses
        plug = self._bus(device, needed)
        if plug is None:
            return
        if device.address is not None and device.address.unit:
            place = device.address.properties
        else:
            found = self._placement(number, device, plug)
            if found is None:
                return
            placement, place = found
            self._placements.append(placement)
            self._take(plug.name, place)
        self._note(plug, device, place)
        self._buses.add(device, plug)

    def _bus(self, device: Device, needed: str) -> Plug | None:
        """The bus that a device names, or that QEMU finds."""
        if device.address is not None:
            return self._buses.by_name.get(device.address.bus.name)
        if device.statement.address is not None:
            return None
        plug = self._buses.find(needed)
        if plug is None:
            message = f"{_name(device)} needs a bus of type `{needed}`, and there is none before it"
            help = "describe the device that offers one, or write `at BUS`"
            self._report("no-bus", device, message, help)
        elif plug.name == INTERNAL or (is_expander_root(plug) and not _is_bridge(self._guest, device)):
            expander = plug.owner.id if plug.owner is not None else plug.name
            message = f"QEMU puts {_name(device)} on the expander `{expander}`, which has no place for it"
            self._report("no-bus", device, message, "write the bus: `at BUS`")
            return None
        return plug

    def _placement(self, number: int, device: Device, plug: Plug) -> tuple[Placement, Place] | None:
        """Where a device without a whole address goes; None when the bus is full."""
        kind = plug.kind
        if kind is None:
            if device.address is not None:
                return Placement(number, "", ""), ()
            return Placement(number, plug.name, ""), ()
        values = {item.name: getattr(item.value, "text", "") for item in device.statement.properties}
        said = {name: values[name] for name in kind.properties if name in values}
        bus = plug.name if device.address is None else ""
        if len(said) == len(kind.properties):
            return Placement(number, bus, ""), tuple((name, said[name]) for name in kind.properties)
        hub = self._hub(device, plug)
        space = _space(plug)
        taken, held = self._taken.get(space, set()), self._held.get(plug.name, set())
        unit = free_unit(Asking(self._guest, device, plug, taken, held, said))
        place = kind.parse(unit) if unit else None
        if place is None:
            message = f"`{plug.name}` has no room for {_name(device)}"
            self._report("bus-full", device, message, "write another bus: `at BUS`")
            return None
        if said:
            rest = tuple((name, text) for name, text in place if name not in said)
            return Placement(number, bus, "", rest), place
        return Placement(number, plug.name, unit, (), hub), place

    def _hub(self, device: Device, plug: Plug) -> str:
        """The port at which QEMU adds a hub before a device takes the last port (`usb_claim_port`)."""
        if plug.kind is not KINDS["usb-bus"]:
            return ""
        ports = free_ports(self._guest, plug)
        if len(ports) != 1 or (device.type is not None and device.type.name == HUB):
            return ""
        port = next(iter(ports))
        if (("port", port),) in self._taken.get(plug.name, set()):
            return ""
        self._take(plug.name, (("port", port),))
        del ports[port]
        add_hub(plug, port)
        return port

    def _note(self, plug: Plug, device: Device, place: Place) -> None:
        """What the next device on the bus depends on."""
        said = dict(place)
        if plug.kind is KINDS["usb-bus"]:
            claim_port(self._guest, plug, device, said.get("port", ""))
        elif plug.kind is KINDS["PCI"]:
            for virtual in virtual_functions(self._guest, device, place):
                self._take(plug.name, virtual)
        elif plug.kind is KINDS["HDA"]:
            plug.last_codec = int(said["cad"], 0)
        if _space(plug) != plug.name:
            self._take(_space(plug), place)

    def _report(self, code: str, device: Device, message: str, help: str) -> None:
        self._diagnostics.append(error(code, message, device.statement.keyword_span, "", help))


def _space(plug: Plug) -> str:
    """The bus, or what it shares its places with: NVMe controllers of one subsystem have theirs in common."""
    if plug.kind is KINDS["nvme-bus"] and plug.owner is not None:
        for item in plug.owner.statement.properties:
            if item.name == "subsys":
                return f"subsystem {getattr(item.value, 'text', '')}"
    return plug.name


def _is_bridge(guest: Guest, device: Device) -> bool:
    """Whether it is a PCI bridge, which offers a bus by its own id."""
    return device.type is not None and "" in device.type.offers(guest.release)


def _name(device: Device) -> str:
    head = device.statement.head
    return f"`{device.id}`" if device.statement.id else f"this `{head.text if head is not None else ''}`"
