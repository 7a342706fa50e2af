"""Rooms: how many units a bus has, where that is up to the device which offers it.

What a unit looks like is told by `machdesc.resolve.address`; that a lsi53c895a has eight targets with one
unit each, and a hub eight ports, is told here. Tried on QEMU 5.2, 7.2, 10.0 and 11.1.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.resolve.address import KINDS
from machdesc.resolve.plugged import Plugged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from machdesc.resolve.guest import Address

_SCSI = {
    "virtio-scsi-device": (255, 16383),  # hw/scsi/virtio-scsi.c, virtio_scsi_scsi_info
    "lsi53c895a": (7, 0),  # hw/scsi/lsi53c895a.c, lsi_scsi_info
    "am53c974": (7, 7),  # hw/scsi/esp-pci.c, esp_pci_scsi_info
    "megasas-base": (64, 255),  # hw/scsi/megasas.c, megasas_scsi_info
    "mptsas1068": (8, 1),  # hw/scsi/mptsas.c, mptsas_scsi_info
    "pvscsi": (64, 0),  # hw/scsi/vmw_pvscsi.c, pvscsi_scsi_info
    "usb-uas": (0, 255),  # hw/usb/dev-uas.c, usb_uas_scsi_info
    "usb-bot": (0, 15),  # hw/usb/dev-storage-bot.c, usb_msd_scsi_info_bot
    "usb-storage": (0, 0),  # hw/usb/dev-storage-classic.c, usb_msd_scsi_info_storage
}
"""Kind of controller -> the highest target and LUN; all of these have channel 0 alone."""

_USB = {
    "pci-xhci": ("p2", 4, "p3", 4),  # hw/usb/hcd-xhci.c: a port has both speeds up to the lower number
    "pci-ohci": ("num-ports", 3),  # hw/usb/hcd-ohci-pci.c
    "pci-ehci-usb": ("", 6),  # hw/usb/hcd-ehci.h, EHCI_PORTS
    "pci-uhci-usb": ("", 2),  # hw/usb/hcd-uhci.h, UHCI_PORTS
}
"""Kind of controller -> the properties that say how many ports it has, each with its default."""

_HUB_PORTS = 8
"""Ports of a hub that does not say how many it has (hw/usb/dev-hub.c)."""

_ANYWHERE = "", ""
"""The place of a hub that has no address here, and may be at any port."""

_SERIAL_PORTS = 31
"""Ports of a virtio-serial that does not say how many it has (hw/char/virtio-serial-bus.c, max_ports)."""


def check_room(plugged: list[Plugged], elsewhere: Container[str]) -> list[Diagnostic]:
    """An error for each unit that its bus does not have; code bad-address."""
    diagnostics: list[Diagnostic] = []
    by_id = {device.device.id: device for device in plugged if device.device.id}
    hubs: dict[tuple[str, str], int] = {}
    for device in plugged:
        address = device.device.address
        if address is None or not address.unit:
            if "usb-hub" in device.kinds:
                hubs[_ANYWHERE] = 0
            continue
        owner = by_id.get(address.bus.owner)
        if address.bus.kind is KINDS["usb-bus"]:
            port = dict(address.properties)["port"]
            message, allowed = _usb_fault(address.bus.name, port, owner, hubs, elsewhere)
            if "usb-hub" in device.kinds:
                hubs[address.bus.name, port] = device.number("ports", _HUB_PORTS)
        elif owner is None:
            continue
        elif address.bus.kind is KINDS["SCSI"]:
            message, allowed = _scsi_fault(address, owner)
        elif address.bus.kind is KINDS["virtio-serial-bus"]:
            message, allowed = _serial_fault(address, device, owner, elsewhere)
        else:
            continue
        if message:
            diagnostics.append(error("bad-address", message, address.span, allowed))
    return diagnostics


def _scsi_fault(address: Address, owner: Plugged) -> tuple[str, str]:
    """A target or a LUN that a controller does not have, and what it has."""
    channel, target, lun = (int(number) for _, number in address.properties)
    for kind in owner.kinds & _SCSI.keys():
        most = _SCSI[kind]
        if channel or target > most[0] or lun > most[1]:
            allowed = f"channel 0, target {_up_to(most[0])}, LUN {_up_to(most[1])}"
            return f"a `{owner.type.name}` has no place `{address.unit}`", allowed
    return "", ""


def _usb_fault(
    bus: str,
    port: str,
    owner: Plugged | None,
    hubs: dict[tuple[str, str], int],
    elsewhere: Container[str],
) -> tuple[str, str]:
    """A port that a controller or a hub does not have, and what it has."""
    above, _, last = port.rpartition(".")
    if above:
        ports = hubs.get((bus, above))
        if ports is None and _ANYWHERE in hubs:
            return "", ""
        if ports is None:
            return f"no hub stands before this at port {above} of `{bus}`", ""
        return ("", "") if int(last) <= ports else (f"the hub has {ports} ports", f"1 to {ports}")
    for kind in owner.kinds & _USB.keys() if owner is not None else ():
        row = _USB[kind]
        names, defaults = row[::2], row[1::2]
        if any(name in elsewhere for name in names):
            continue
        assert owner is not None
        ports = max(
            owner.number(str(name), int(default)) for name, default in zip(names, defaults, strict=True)
        )
        if int(last) > ports:
            return f"{owner.label} has {ports} ports", f"1 to {ports}"
    return "", ""


def _serial_fault(
    address: Address, device: Plugged, owner: Plugged, elsewhere: Container[str]
) -> tuple[str, str]:
    """A port that a virtio-serial does not have, or keeps for a console; and what it has."""
    port = int(dict(address.properties)["nr"])
    ports = owner.number("max_ports", _SERIAL_PORTS)
    if port >= ports and "max_ports" not in elsewhere:
        return f"{owner.label} has {ports} ports", f"0 to {ports - 1}"
    if port == 0 and "virtserialport" in device.kinds and "virtconsole" not in device.kinds:
        # hw/char/virtio-serial-bus.c: reserved for virtconsole devices for backward compatibility
        return "port 0 is for a `virtconsole`", f"1 to {ports - 1}"
    return "", ""


def _up_to(most: int) -> str:
    return f"0 to {most}" if most else "0"
