"""Units: which place on a bus QEMU gives a device that says none, on each kind of bus.

A place that another device of the description has written is passed over, also when that device
comes later, where QEMU would refuse to start; so is one that is held for other reasons.
"""

from __future__ import annotations

from machdesc.abi.effective import effective
from machdesc.record import Record
from machdesc.resolve.address import KINDS, function_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import OrderedDict
    from collections.abc import Callable, Collection, Mapping

    from machdesc.pinning.bus import Plug
    from machdesc.resolve.guest import Device, Guest

    Place = tuple[tuple[str, str], ...]


class Asking(Record):
    """A device that asks for a place: the places that are taken on the bus, those that are held for
    nobody, and what the device writes of its address as properties."""

    guest: Guest
    device: Device
    plug: Plug
    taken: Collection[Place]
    held: Collection[Place]
    said: Mapping[str, str]

    def is_free(self, place: Place) -> bool:
        """Whether nobody has a place."""
        return place not in self.taken and place not in self.held


def free_unit(asking: Asking) -> str:
    """The unit that the device gets, as it is written behind the bus; empty when the bus is full."""
    kind = asking.plug.kind
    for name, find in _FINDERS.items():
        if kind is KINDS[name]:
            return find(asking)
    return ""


def _pci(asking: Asking) -> str:
    """The first slot whose function 0 is free (`do_pci_register_device` in hw/pci/pci.c); a port has
    slot 0 only. With other functions there QEMU refuses all but `multifunction=on`, and slot 0 of a bridge
    whose own controller plugs its devices (`shpc_device_plug_common` in hw/pci/shpc.c)."""
    owner = asking.plug.owner
    above = owner.type.parents(asking.guest.release) if owner is not None and owner.type is not None else ()
    used = {function_of(place) for place in asking.taken}
    held = {function_of(place)[0] for place in asking.held}
    many = any(
        item.name == "multifunction" and getattr(item.value, "text", "") == "on"
        for item in asking.device.statement.properties
    )
    for slot in range(int(_has_controller(asking)), 1 if "pcie-slot" in above else 32):
        if (slot, 0) in used or slot in held:
            continue
        if many or not any((slot, function) in used for function in range(1, 8)):
            return f"{slot:02x}.0"
    return ""


def _has_controller(asking: Asking) -> bool:
    """Whether devices are plugged by the bridge's own controller, not by ACPI as everywhere but behind
    expanders (`acpi_pcihp_device_plug_cb` in hw/acpi/pcihp.c)."""
    owner = asking.plug.owner
    if not asking.plug.beyond or owner is None or owner.type is None:
        return False
    if owner.type.name == "pci-bridge":
        return effective(asking.guest, owner, "shpc").value is True
    return owner.type.name == "pcie-pci-bridge"


_TARGETS = {
    "virtio-scsi-common": (255, 16383),
    "lsi53c895a": (7, 0),
    "esp": (7, 7),
    "am53c974": (7, 7),
    "megasas-base": (64, 255),
    "mptsas1068": (8, 1),
    "pvscsi": (64, 0),
    "usb-uas": (0, 255),
    "usb-bot": (0, 15),
    "usb-storage": (0, 0),
}
"""Type of controller -> its highest target and LUN: `max_target` and `max_lun` of `SCSIBusInfo` in
hw/scsi/*.c and hw/usb/dev-uas.c and dev-storage-*.c, by the constants that stand there."""


def _scsi(asking: Asking) -> str:
    """The first free target at LUN 0, or the first free LUN of the target that is said
    (`scsi_qdev_realize` in hw/scsi/scsi-bus.c)."""
    channel = asking.said.get("channel", "0")
    target, lun = asking.said.get("scsi-id", "-1"), asking.said.get("lun", "-1")
    most_targets, most_luns = _limits(asking)
    if target == "-1":
        lun = "0" if lun == "-1" else lun
        choices = [(str(number), lun) for number in range(most_targets + 1)]
    elif lun == "-1":
        choices = [(target, str(number)) for number in range(most_luns + 1)]
    else:
        choices = [(target, lun)]
    for target, lun in choices:
        if asking.is_free((("channel", channel), ("scsi-id", target), ("lun", lun))):
            return f"{channel}:{target}:{lun}"
    return ""


def _limits(asking: Asking) -> tuple[int, int]:
    owner = asking.plug.owner
    if owner is None or owner.type is None:
        return 7, 0
    release = asking.guest.release
    names = [owner.type.name, *owner.type.parents(release)]
    for part in owner.type.parts(release).values():
        names += [part, *asking.guest.catalog.ancestors(part, release)]
    return next((_TARGETS[name] for name in names if name in _TARGETS), (7, 0))


def _usb(asking: Asking) -> str:
    """The first free port, in the order in which controllers and hubs make them (`usb_claim_port` in
    hw/usb/bus.c)."""
    ports = free_ports(asking.guest, asking.plug)
    return next((port for port in ports if asking.is_free((("port", port),))), "")


_PORTS = {"pci-uhci-usb": 2, "pci-ehci-usb": 6}
"""Type of controller -> its ports: NB_PORTS in hw/usb/hcd-uhci.h, EHCI_PORTS in hw/usb/hcd-ehci.h."""

MOST_PORTS = 15
"""XHCI_MAXPORTS_2 and XHCI_MAXPORTS_3 in hw/usb/hcd-xhci.h (7.2: MAXPORTS_2 and MAXPORTS_3), which
`usb_xhci_init` takes for what is higher; OHCI_MAX_PORTS in hw/usb/hcd-ohci.h, above which OHCI is refused."""

HUB = "usb-hub"
HUB_PORTS = 8
"""MAX_PORTS in hw/usb/dev-hub.c."""


def free_ports(guest: Guest, plug: Plug) -> OrderedDict[str, None]:
    """The free ports of a USB bus, in QEMU's order; the object itself, to be changed as devices come."""
    if plug.ports is None:
        from collections import OrderedDict

        count = min(_port_count(guest, plug), MOST_PORTS)
        plug.ports = OrderedDict.fromkeys(str(number + 1) for number in range(count))
    return plug.ports


def _port_count(guest: Guest, plug: Plug) -> int:
    owner = plug.owner
    if owner is None or owner.type is None:
        return 0
    known = owner.type.properties(guest.release)
    for name in ("num-ports", "ports"):
        if name in known:
            return _value(guest, owner, name)
    if "p2" in known and "p3" in known:
        return max(_value(guest, owner, "p2"), _value(guest, owner, "p3"))
    above = (owner.type.name, *owner.type.parents(guest.release))
    return next((_PORTS[name] for name in above if name in _PORTS), 0)


def claim_port(guest: Guest, plug: Plug, device: Device, port: str) -> None:
    """Takes a port; a hub brings its own, behind all that are free (`usb_hub_realize`)."""
    ports = free_ports(guest, plug)
    ports.pop(port, None)
    if device.type is not None and device.type.name == HUB:
        known = device.type.properties(guest.release)
        add_hub(plug, port, _value(guest, device, "ports") if "ports" in known else HUB_PORTS)


def add_hub(plug: Plug, port: str, count: int = HUB_PORTS) -> None:
    """Adds the ports of a hub that is at a port."""
    assert plug.ports is not None
    plug.ports.update((f"{port}.{number + 1}", None) for number in range(min(count, HUB_PORTS)))


def _ide(asking: Asking) -> str:
    """Unit 0, or 1 where there is one (`ide_qdev_realize` in hw/ide/ide-dev.c; SATA has one unit)."""
    owner, machine = asking.plug.owner, asking.guest.machine
    if owner is not None:
        is_sata = owner.type is not None and "ahci" in owner.type.name
    else:
        is_sata = machine is not None and "ich9-ahci" in machine.facts(asking.guest.release).builtin.values()
    return _first(asking, "unit", range(1 if is_sata else 2))


def _virtio_serial(asking: Asking) -> str:
    """The first console gets port 0, which is kept for it; others the first that is free
    (`virtser_port_device_realize` and `virtio_serial_device_realize` in hw/char/virtio-serial-bus.c)."""
    assert asking.device.type is not None
    owner = asking.plug.owner
    count = _value(asking.guest, owner, "max_ports") if owner is not None else 0
    if asking.device.type.name == "virtconsole" and asking.is_free((("nr", "0"),)):
        return "0"
    return _first(asking, "nr", range(1, count))


def _hda(asking: Asking) -> str:
    """One more than the codec before has (`hda_codec_dev_realize` in hw/audio/intel-hda.c)."""
    return _first(asking, "cad", range(asking.plug.last_codec + 1, 15))


def _floppy(asking: Asking) -> str:
    """`floppy_drive_realize` in hw/block/fdc.c; MAX_FD is 2."""
    return _first(asking, "unit", range(2))


def _ccid(asking: Asking) -> str:
    """A reader has slot 0 only (hw/usb/dev-smartcard-reader.c)."""
    return _first(asking, "slot", range(1))


def _nvme(asking: Asking) -> str:
    """The first free namespace (`nvme_ns_realize` in hw/nvme/ns.c); a controller's own disk is 1."""
    owner = asking.plug.owner
    has_disk = owner is not None and any(item.name == "drive" for item in owner.statement.properties)
    return _first(asking, "nsid", range(2 if has_disk else 1, 257))


def _first(asking: Asking, name: str, numbers: range) -> str:
    return next((str(number) for number in numbers if asking.is_free(((name, str(number)),))), "")


def _value(guest: Guest, device: Device, name: str) -> int:
    value = effective(guest, device, name).value
    return value if isinstance(value, int) else 0


_FINDERS: Mapping[str, Callable[[Asking], str]] = {
    "PCI": _pci,
    "SCSI": _scsi,
    "usb-bus": _usb,
    "IDE": _ide,
    "virtio-serial-bus": _virtio_serial,
    "HDA": _hda,
    "floppy-bus": _floppy,
    "ccid-bus": _ccid,
    "nvme-bus": _nvme,
}
