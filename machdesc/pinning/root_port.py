"""Root ports: a port of its own for each PCI device, so that it can be unplugged and others plugged in.

It is how libvirt lays out q35 (qemu_domain_address.c): ports by eights, as the functions of one slot,
`port` and `chassis` by their place and number; devices of conventional PCI behind one bridge, which is
behind a port itself; the first display at slot 1; the parts of an ICH9 where a real one has them, as in
QEMU's docs/config/q35-emulated.cfg. Ports, host bridges and the like stay on the root bus.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.pinning.draft import Draft
from machdesc.pinning.former import held_places
from machdesc.resolve.address import KINDS, function_of, kind_of
from machdesc.syntax.edit import statement_text
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.pinning.former import Former
    from machdesc.resolve.guest import Device, Guest
    from machdesc.source import Source

_ROOT = "pcie.0"
_PORT, _BRIDGE = "pcie-root-port", "pcie-pci-bridge"

_EXPRESS = frozenset((
    "virtio-pci", "pci-xhci", "nvme", "e1000e", "igb", "igbvf", "vmxnet3", "megasas-gen2", "pvscsi",
    "bochs-display", "ufs", "vfio-pci-device", "vfio-pci", "vfio-pci-nohotplug", "vfio-user-pci",
    "cxl-type3", "cxl-upstream", "cxl-downstream", "cxl-rp", "cxl-switch-mailbox-cci",
    "x3130-upstream", "xio3130-downstream", "pcie-root-port", "ioh3420", _BRIDGE,
))  # fmt: skip
"""Types, or types above them, whose devices can be PCI Express ones: `qom-list-types` tells them as those
that implement `pci-express-device` (7.2, 10.0 and 11.1)."""

_ON_ROOT = frozenset((
    _PORT, "ioh3420", "cxl-rp", "pxb", "pxb-pcie", "pxb-cxl", "i82801b11-bridge", "amd-iommu-pci",
    "virtio-iommu-pci", "virtio-iommu-pci-non-transitional", "xio3130-downstream", "cxl-downstream",
))  # fmt: skip
"""Types that are parts of a root complex or a switch, and stay where QEMU puts them."""

_ICH9 = {
    "ich9-intel-hda": "1b.0",
    "ich9-usb-ehci1": "1d.7",
    "ich9-usb-uhci1": "1d.0",
    "ich9-usb-uhci2": "1d.1",
    "ich9-usb-uhci3": "1d.2",
    "ich9-usb-ehci2": "1a.7",
    "ich9-usb-uhci4": "1a.0",
    "ich9-usb-uhci5": "1a.1",
    "ich9-usb-uhci6": "1a.2",
}
_DISPLAYS = ("VGA", "cirrus-vga", "qxl-vga", "virtio-vga", "virtio-vga-gl", "vmware-svga", "bochs-display")
_DISPLAY_PLACE = "01.0"


def is_express(guest: Guest, device: Device) -> bool:
    """Whether a PCI device can be one of PCI Express."""
    if device.type is None:
        return False
    above = device.type.parents(guest.release)
    transitional = device.type.name.endswith("-transitional") and "-non-" not in device.type.name
    return not transitional and not _EXPRESS.isdisjoint((device.type.name, *above))


def with_root_ports(guest: Guest, former: Former) -> tuple[Source, list[Diagnostic]]:
    """The source of a description in which PCI devices without an address have one, and the ports and the
    bridge for them are described. Codes: no-ports."""
    return _Layout(guest, former).run()


class _Layout:
    """One run: which functions of the root bus are taken, and the draft of the description."""

    def __init__(self, guest: Guest, former: Former) -> None:
        self._guest = guest
        self._draft = Draft(guest.description)
        self._held = {function_of(place) for place in held_places(guest, former).get(_ROOT, ())}
        self._taken: dict[tuple[int, int], str] = {}
        self._names = {device.id for device in guest.devices} | set(guest.buses)
        self._chassis = {
            int(item.value.value)
            for device in guest.devices
            for item in device.statement.properties
            if item.name in ("chassis", "chassis_nr") and isinstance(item.value, Number)
        }
        self._bridges: dict[str, set[int]] = {}
        """Slots that are taken behind bridges for conventional PCI."""

    def run(self) -> tuple[Source, list[Diagnostic]]:
        guest = self._guest
        statement = guest.description.one("machine")
        if guest.machine is None or _ROOT not in guest.machine.facts(guest.release).buses:
            span = statement.span if statement is not None else (0, 0, guest.description.source)
            message = f"`{guest.machine_name}` has no PCI Express, so no root ports"
            return guest.description.source, [
                error("no-ports", message, span, "q35", "use `--strategy qemu`")
            ]
        for own, type in guest.machine.facts(guest.release).builtin.items():
            self._take(own, type)
        for device in guest.devices:
            if device.address is not None and device.type is not None and device.address.unit:
                self._take(f"{device.address.bus.name}/{device.address.unit}", device.type.name)
        self._bridges |= {
            d.id: set() for d in guest.devices if d.type is not None and d.type.name == _BRIDGE and d.id
        }
        for device in guest.devices:
            if (
                device.address is not None
                and device.address.bus.owner in self._bridges
                and device.address.unit
            ):
                self._bridges[device.address.bus.owner].add(function_of(device.address.properties)[0])
        for device in guest.devices:
            if self._is_open(device):
                self._place(device)
        return self._draft.source(), self._draft.diagnostics

    def _take(self, place: str, type: str) -> None:
        bus, _, unit = place.partition("/")
        address = KINDS["PCI"].parse(unit) if bus == _ROOT else None
        if address is not None:
            self._taken[function_of(address)] = type

    def _is_open(self, device: Device) -> bool:
        """Whether it is a PCI device that says nothing of its place, and may stand behind a port."""
        if device.type is None or device.statement.address is not None:
            return False
        needed = device.type.bus(self._guest.release)
        kind = kind_of(needed, self._guest.catalog, self._guest.release) if needed else None
        return kind is KINDS["PCI"] and device.type.name not in _ON_ROOT

    def _place(self, device: Device) -> None:
        """Gives one device its address."""
        assert device.type is not None
        name = device.type.name
        unit = _ICH9.get(name, _DISPLAY_PLACE if name in _DISPLAYS else "")
        if unit and self._is_free(unit):
            self._take(f"{_ROOT}/{unit}", name)
            first = unit.endswith(".0") and "uhci" in name
            many = {"multifunction": "on"} if first and not _says(device, "multifunction") else {}
            self._draft.change(device.statement, address=f"{_ROOT}/{unit}", properties=many)
        elif is_express(self._guest, device):
            self._draft.change(device.statement, address=f"{self._new_port(device)}/00.0")
        else:
            self._draft.change(device.statement, address=self._behind_bridge(device))

    def _is_free(self, unit: str) -> bool:
        address = KINDS["PCI"].parse(unit)
        assert address is not None
        place = function_of(address)
        return place not in self._taken and place not in self._held

    def _behind_bridge(self, device: Device) -> str:
        """The next place behind the first bridge that has one; a bridge has slots 1 to 31."""
        for name, slots in self._bridges.items():
            slot = next((slot for slot in range(1, 32) if slot not in slots), 0)
            if slot:
                slots.add(slot)
                return f"{name}/{slot:02x}.0"
        bridge = self._name("pci")
        self._draft.add(statement_text(f"device {_BRIDGE} {bridge} at {self._new_port(device)}/00.0", {}))
        self._bridges[bridge] = {1}
        return f"{bridge}/01.0"

    def _new_port(self, device: Device) -> str:
        """Describes another port, for a device; its id."""
        place = self._port_place()
        if place is None:
            message = f"`{_ROOT}` has no room for another root port"
            span = device.statement.keyword_span
            self._draft.diagnostics.append(error("bus-full", message, span, "", "write a bus: `at BUS`"))
            return _ROOT
        slot, function = place
        self._taken[slot, function] = _PORT
        chassis = next(number for number in range(1, 256) if number not in self._chassis)
        self._chassis.add(chassis)
        properties = {"chassis": str(chassis), "port": f"{slot << 3 | function:#x}"}
        if function == 0:
            properties["multifunction"] = "on"
        name = self._name("port")
        self._draft.add(statement_text(f"device {_PORT} {name} at {_ROOT}/{slot:02x}.{function}", properties))
        return name

    def _port_place(self) -> tuple[int, int] | None:
        """The next function of a slot that has ports only, the first of which says `multifunction on`; or
        a slot that is empty; None when there is none."""
        for slot in range(1, 32):
            there = {function: type for (at, function), type in self._taken.items() if at == slot}
            held = {function for at, function in self._held if at == slot}
            if not there and not held and not (slot == 1 and self._has_display()):
                return slot, 0
            if there.get(0) == _PORT and set(there.values()) == {_PORT} and self._is_multifunction(slot):
                function = max({*there, *held}) + 1
                if function < 8:
                    return slot, function
        return None

    def _has_display(self) -> bool:
        """Whether some display is to get the slot that is kept for the first."""
        displays = [d for d in self._guest.devices if d.type is not None and d.type.name in _DISPLAYS]
        return any(self._is_open(display) for display in displays)

    def _is_multifunction(self, slot: int) -> bool:
        """Whether function 0 of a slot of the root bus says `multifunction on`; new ports do."""
        for device in self._guest.devices:
            place = device.address
            on_root = place is not None and place.bus.name == _ROOT and place.unit
            if on_root and place is not None and function_of(place.properties) == (slot, 0):
                return _says(device, "multifunction")
        return True

    def _name(self, stem: str) -> str:
        name = next(f"{stem}{n}" for n in range(1, len(self._names) + 2) if f"{stem}{n}" not in self._names)
        self._names.add(name)
        return name


def _says(device: Device, name: str) -> bool:
    return any(
        item.name == name and getattr(item.value, "text", "") == "on" for item in device.statement.properties
    )
