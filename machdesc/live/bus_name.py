"""Names of buses that come from no id: what they are called once their device has one.

QEMU names a bus after the id of its device, or else after its type and a number (qbus_init in hw/core/bus.c).
"""

from __future__ import annotations

from collections.abc import Iterator

from machdesc.catalog.catalog import DeviceType
from machdesc.live.qom import child_type
from machdesc.live.running import RunningDevice

NAMING_BUSES = ("masterbus",)
"""Properties whose value is the name of a bus (hw/usb/hcd-uhci.c and hcd-ohci.c)."""


def later_names(device: RunningDevice, known: DeviceType, release: str, id: str) -> Iterator[tuple[str, str]]:
    """QOM path of a bus that a device without an id offers -> its name when the device has this one."""
    offers = [(suffix, type) for suffix, type in known.offers(release).items() if not suffix.startswith("=")]
    for bus, type in sorted(_buses(device), key=_number):
        offer = next((offer for offer in offers if offer[1] == type), None)
        if offer is not None:
            yield bus, f"{id}{offer[0]}"
            offers.remove(offer)


def _buses(device: RunningDevice) -> Iterator[tuple[str, str]]:
    """QOM path and type of what is below a device or a part of it, among it its buses."""
    for below, properties in (("", device.properties), *device.parts.items()):
        for name, told in properties.items():
            if child_type(told):
                yield "/".join(filter(None, (device.path, below, name))), child_type(told)


def _number(bus: tuple[str, str]) -> tuple[str, int]:
    stem, _, number = bus[0].rpartition(".")
    return (stem, int(number)) if number.isdecimal() else (bus[0], 0)
