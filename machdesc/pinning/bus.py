"""The buses of a machine as QEMU makes them, device by device, and which one it takes when none is named.

QEMU looks through all buses, depth first, for the first that fits and is not full. On a bus the
device that was plugged last stands first, and so does the bus that a device made last. Sources:
`qdev_device_add_from_qdict`, `qbus_find_recursive` and `qbus_is_full` in system/qdev-monitor.c (7.2:
softmmu/qdev-monitor.c), `bus_add_child` in hw/core/qdev.c, `qbus_init_internal` in hw/core/bus.c.
"""

from __future__ import annotations

from machdesc.abi.machine import machine_effective
from machdesc.catalog.version import number_of
from machdesc.resolve.address import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import OrderedDict

    from machdesc.catalog.catalog import Catalog
    from machdesc.resolve.address import Kind
    from machdesc.resolve.guest import Device, Guest

_EXPANDERS = ("pxb", "pxb-pcie", "pxb-cxl")
"""Expanders: their bus hangs on a host bridge of its own (hw/pci-bridge/pci_expander_bridge.c)."""

INTERNAL = "pxb-internal"
"""The root bus of a `pxb`, on which stands the bridge whose bus has the expander's name."""

_HOLDS_ONE = ("virtio-mmio-bus", "virtio-pci-bus")
"""Types of buses with room for one device (`max_dev` in hw/virtio/virtio-mmio.c and virtio-pci.c)."""

_MAIN = {"pc-q35": "pcie.0", "pc-i440fx": "pci.0"}
"""Family of machine types -> its PCI bus, below which all its other buses hang."""


class Plug:
    """A bus in the making: what is plugged into it, newest last."""

    def __init__(self, name: str, type: str, kind: Kind | None, owner: Device | None) -> None:
        self.name = name
        self.type = type
        self.kind = kind
        self.owner = owner
        self.below: list[list[Plug]] = []
        """Of each device on it that has buses, its buses."""
        self.beyond = False
        """Whether it lies behind an expander, where ACPI plugs no devices."""
        self.count = 0
        self.last_codec = -1
        """Address of the HD Audio codec that was plugged last."""
        self.ports: OrderedDict[str, None] | None = None
        """Free ports of a USB bus, in QEMU's order; None before they were asked for. A dictionary of this
        kind finds its first key at once, however many were removed before it."""


class Buses:
    """All buses that there are so far."""

    def __init__(self, guest: Guest) -> None:
        self._catalog: Catalog = guest.catalog
        self._release = guest.release
        self.by_name: dict[str, Plug] = {}
        names = _own_buses(guest)
        own = {name: self._plug(name, type, None) for name, type in names.items()}
        self.by_name.update(own)
        family = guest.machine.family if guest.machine is not None else ""
        main = own.get(_MAIN.get(family, ""))
        self._roots = [main] if main is not None else []
        """The buses of host bridges, the newest last."""
        below = sorted((plug for plug in own.values() if plug is not main), key=_number)
        if main is not None:
            main.below.append(below)
        else:
            self._roots += below

    def add(self, device: Device, bus: Plug) -> None:
        """Plugs a device in, with the buses that it makes."""
        bus.count += 1
        assert device.type is not None
        name = device.type.name
        offered = device.type.offers(self._release)
        made = [self._plug(_named(device, suffix), type, device) for suffix, type in offered.items()]
        if any(item.name == "masterbus" for item in device.statement.properties):
            made = []  # a companion's ports are those of the controller that it names (hw/usb/hcd-uhci.c)
        for plug in made:
            plug.beyond = bus.beyond or name in _EXPANDERS
        self.by_name.update((plug.name, plug) for plug in made if plug.name)
        if name in _EXPANDERS:
            root = made[0]
            if name == "pxb":
                root = self._plug(INTERNAL, "pxb-bus", device)
                root.below.append(made)
            self._roots.append(root)
        elif made:
            bus.below.append(sorted(made, key=_number))

    def find(self, needed: str) -> Plug | None:
        """The bus that QEMU takes for a device that needs one of a type; None when it finds none."""
        for root in reversed(self._roots):
            found = self._find(root, needed)
            if found is not None:
                return found
        return None

    def _find(self, plug: Plug, needed: str) -> Plug | None:
        if self._fits(plug.type, needed) and not _is_full(plug):
            return plug
        for made in reversed(plug.below):
            for inner in reversed(made):
                found = self._find(inner, needed)
                if found is not None:
                    return found
        return None

    def _fits(self, type: str, needed: str) -> bool:
        return needed == type or needed in self._catalog.ancestors(type, self._release)

    def _plug(self, name: str, type: str, owner: Device | None) -> Plug:
        return Plug(name, type, kind_of(type, self._catalog, self._release), owner)


def _own_buses(guest: Guest) -> dict[str, str]:
    """The buses that the machine brings along, name -> type. A microvm without a second I/O APIC has
    eight transports only (`microvm_devices_init` in hw/i386/microvm.c)."""
    if guest.machine is None:
        return {}
    buses = dict(guest.machine.facts(guest.release).buses)
    known = guest.machine_schema.properties(guest.release) if guest.machine_schema is not None else {}
    if "ioapic2" in known and machine_effective(guest, "ioapic2").value == "off":
        for number in range(8, 24):
            buses.pop(f"virtio-mmio-bus.{number}", None)
    return buses


def is_expander_root(plug: Plug) -> bool:
    """Whether it is the root bus of an expander, which takes bridges only."""
    return plug.name == INTERNAL or plug.type in ("pxb-pcie-bus", "pxb-cxl-bus")


def _named(device: Device, suffix: str) -> str:
    """The name of a bus; empty where the device has no id, so that nothing can name it."""
    if suffix.startswith("="):
        return suffix[1:]
    return device.id + suffix if device.id else ""


def _number(plug: Plug) -> tuple[str, int]:
    """Sorts `ide.2` before `ide.10`: the order in which QEMU makes them."""
    stem, _, number = plug.name.rpartition(".")
    return (stem, number_of(number)) if number.isdecimal() else (plug.name, 0)


def _is_full(plug: Plug) -> bool:
    return plug.type in _HOLDS_ONE and plug.count > 0
