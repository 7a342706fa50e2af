"""Creates each device once, to see which buses it offers, whether it can be hot-plugged, and what the hidden
ones of its properties are when nobody sets them.

QEMU tells none of these of a type, only of a device. So each is created with harmless back ends in an empty
machine that has a bus for it; what cannot be created so (it needs the host's hardware, or a peer)
stays without these facts.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from machdesc.harvest.fact import TypeFact
from machdesc.harvest.probe_type import HIDDEN
from machdesc.harvest.schema import emit_property
from machdesc.live.child import QemuFailure, QemuHang
from machdesc.live.conversation import Refusal, start_conversation
from machdesc.live.device_tree import TreeBus, TreeDevice, parse_device_tree, walk_buses, walk_devices

_AT_ONCE = 2
_ID = "harvested"
_PATH = f"/machine/peripheral/{_ID}"
_MACHINES = (
    ("-machine", "q35,nvdimm=on", "-accel", "tcg", "-m", "128M,slots=4,maxmem=1G"),
    ("-machine", "q35,cxl=on", "-accel", "tcg", "-m", "128M,slots=4,maxmem=1G"),
    ("-machine", "pc", "-accel", "tcg"),
)
_CARRIERS = {
    "usb-bus": ("qemu-xhci",),
    "SCSI": ("virtio-scsi-pci",),
    "virtio-serial-bus": ("virtio-serial-pci",),
    "HDA": ("ich9-intel-hda",),
    "ccid-bus": ("qemu-xhci", "usb-ccid"),
    "sd-bus": ("sdhci-pci",),
    "nvme-bus": ("nvme,serial=carrier",),
    "ufs-bus": ("ufs,serial=carrier",),
    "floppy-bus": ("isa-fdc",),
    "IndustryPack": ("tpci200",),
    "vmbus": ("vmbus-bridge",),
}
# What a PCI device may have to sit behind; a port of its own first, since it can be hot-plugged there.
_PORTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("pcie-root-port,id=carrier,chassis=1",), "carrier"),
    ((), ""),
    (("pcie-root-port,id=carrier,chassis=1", "x3130-upstream,id=switch,bus=carrier"), "switch"),
    (("pxb-cxl,id=pxb,bus_nr=12", "cxl-rp,id=carrier,bus=pxb,chassis=1"), "carrier"),
    (("pxb-cxl,id=pxb,bus_nr=12",), "pxb"),
)
# Parts of PCI devices, which also plug into the buses that this machine is made of.
_VIRTIO_MACHINE = ("-machine", "microvm", "-accel", "tcg")
# By what a property refers to: the name of the back end, and the arguments that make it.
# By what a property refers to: the arguments that make a back end with the id `{id}`.
_BACK_ENDS = {
    "netdev": ("-netdev", "hubport,id={id},hubid=0"),
    "chardev": ("-chardev", "null,id={id}"),
    "block": ("-blockdev", "null-co,node-name={id},size=1048576,read-zeroes=on"),
    "audiodev": ("-audiodev", "none,id={id}"),
    "memory-backend": ("-object", "memory-backend-ram,id={id},size=16M"),
    "cryptodev-backend": ("-object", "cryptodev-backend-builtin,id={id}"),
    "can-bus": ("-object", "can-bus,id={id}"),
    "ipmi-bmc": ("-device", "ipmi-bmc-sim,id={id}"),
}
# Properties without which some device does not start: a value, and the arguments that it needs.
_SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "serial": ("harvest", ()),
    "chassis": ("8", ()),
    "chassis_nr": ("8", ()),
    "bus_nr": ("32", ()),
    "fsdev": ("files", ("-fsdev", "synth,id=files")),
    "mount_tag": ("tag", ()),
}
# These wait for a peer at the other end of their chardev before they start.
_PEERED = re.compile(r"vhost-user|ivshmem-doorbell")
_PATIENCE_SECONDS = 5.0


async def probe_offers(binary: Sequence[str], types: Sequence[TypeFact]) -> list[TypeFact]:
    """`types` with `offers`, `hotpluggable` and defaults of hidden properties of the devices that could be
    created."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def probe(fact: TypeFact) -> TypeFact:
        if fact.kind != "device" or not fact.user_creatable or _PEERED.search(fact.name):
            return fact
        async with slots:
            for attempt in _attempts(fact):
                try:
                    async with start_conversation(binary, *attempt, patience=_PATIENCE_SECONDS) as qemu:
                        tree = parse_device_tree(await qemu.human("info qtree"))
                        pluggable = await qemu.ask("qom-get", path=_PATH, property="hotpluggable")
                        defaults = {
                            item.name: await qemu.ask("qom-get", path=_PATH, property=item.name)
                            for item in fact.properties
                            if item.default is None and item.name.startswith(HIDDEN)
                        }
                except QemuHang:
                    break
                except (QemuFailure, Refusal):
                    continue
                return replace(
                    fact,
                    offers=resolve_offers(tree, _ID),
                    hotpluggable=bool(pluggable),
                    properties=tuple(
                        replace(item, default=defaults[item.name]) if item.name in defaults else item
                        for item in fact.properties
                    ),
                )
        return fact

    return list(await asyncio.gather(*map(probe, types)))


def resolve_offers(tree: list[TreeBus], device: str) -> dict[str, str]:
    """The buses of the device with that id: end of the bus name behind the id, to bus type.

    A bus whose name does not begin with the id (`isa.0`) is written with a `=` before its whole name.
    A bus that one of the device's own parts sits on is not offered.
    """
    offers = {}
    for bus in walk_buses(tree):
        if bus.name == device or bus.name.startswith(f"{device}."):
            offers[bus.name[len(device) :]] = bus.type
    for own in (found for _, found in walk_devices(tree) if found.id == device):
        for bus in _own_buses(own):
            if not bus.name.startswith(device) and not bus.devices:
                offers[f"={bus.name}"] = bus.type
    return dict(sorted(offers.items()))


def _own_buses(device: TreeDevice) -> Iterator[TreeBus]:
    """The buses of a device and of its parts, which have no id (what is plugged in has one)."""
    for bus in device.buses:
        yield bus
        for part in bus.devices:
            if not part.id:
                yield from _own_buses(part)


def _attempts(fact: TypeFact) -> Iterator[list[str]]:
    """Command lines to try, the likeliest first."""
    for machine in (_VIRTIO_MACHINE,) if fact.bus == "virtio-bus" else _MACHINES:
        for filled in (True, False):
            settings, back_ends = _settings(fact) if filled else ("", [])
            if not filled and not _settings(fact)[0]:
                continue
            for carriers, bus in _PORTS if fact.bus == "PCI" else ((_CARRIERS.get(fact.bus, ()), ""),):
                if machine is _MACHINES[2] and carriers and fact.bus == "PCI":
                    continue  # `pc` has no PCI Express
                if ("cxl" in " ".join(carriers)) != ("cxl" in machine[1] and bool(carriers)):
                    continue
                devices = [word for carrier in carriers for word in ("-device", carrier)]
                where = f",bus={bus}" if bus else ""
                yield [*machine, *back_ends, *devices, "-device", f"{fact.name},id={_ID}{where}{settings}"]


def _settings(fact: TypeFact) -> tuple[str, list[str]]:
    """The device's settings for its back ends, and the arguments that make these."""
    settings, back_ends = "", []
    for item in fact.properties:
        refers = str(emit_property(item).get("refers", ""))
        if refers in _BACK_ENDS:
            name = f"end-{item.name}"
            settings += f",{item.name}={name}"
            back_ends += [word.format(id=name) for word in _BACK_ENDS[refers]]
        elif item.name in _SETTINGS:
            value, made = _SETTINGS[item.name]
            settings += f",{item.name}={value}"
            back_ends += made
    return settings, back_ends
