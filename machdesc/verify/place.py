"""Where a guest finds the devices that QEMU tells of: PCI functions, and what is mapped into memory."""

from __future__ import annotations

from collections.abc import Mapping

from machdesc.live.running import INTERNAL_BUS, RunningDevice

_EXPANDED = "pxb-"
"""How the types of expanders' root buses begin."""

_MMIO_BUS = "virtio-mmio-bus."
_MMIO_BASE, _MMIO_SIZE = 0xFEB00000, 0x200
"""Where microvm has its windows (VIRTIO_MMIO_BASE in include/hw/i386/microvm.h)."""


def mmio_path(device: RunningDevice) -> str:
    """The address of a virtio device's window, as views have it; empty for one without."""
    if not device.bus_name.startswith(_MMIO_BUS):
        return ""
    return f"{_MMIO_BASE + _MMIO_SIZE * int(device.bus_name.removeprefix(_MMIO_BUS)):#x}"


def pci_paths(devices: Mapping[str, RunningDevice]) -> dict[str, str]:
    """QOM path of a PCI device -> its path by buses, such as `00/02.0/00.0`.

    The root bus of an expander is not below it in QOM: it is found by its name, which is the expander's id
    (pxb_dev_realize_common in hw/pci-bridge/pci_expander_bridge.c). What is behind one without an id is
    left out.
    """
    expanders = {
        device.id: f"{number.value:02x}"
        for device in devices.values()
        if (number := device.properties.get("bus_nr")) is not None
    }

    def path_of(device: RunningDevice) -> str:
        bus = bus_of(device)
        return f"{bus}/{device.unit}" if bus else ""

    def bus_of(device: RunningDevice) -> str:
        if device.bus_type.startswith(_EXPANDED):
            return expanders.get(device.bus_name, "")
        owner = next((o for o in devices.values() if device.bus.startswith(f"{o.path}/")), None)
        if owner is not None and owner.bus_type == INTERNAL_BUS:
            root = expanders.get(device.bus_name)
            return f"{root}/{owner.unit}" if root else ""
        return path_of(owner) if owner is not None and "addr" in owner.properties else "00"

    paths = {
        device.path: path_of(device)
        for device in devices.values()
        if device.unit and "addr" in device.properties and device.bus_type != INTERNAL_BUS
    }
    return {device: path for device, path in paths.items() if path}
