"""Writes a guest in which a device of each type is plugged, with all that it cannot do without.

What a type needs is read off the catalog (the bus, and what its properties refer to); what the
catalog cannot tell stands in the tables here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from machdesc.catalog.catalog import Catalog, DeviceType

PCI_BUSES = {"q35": "pcie.0", "pc": "pci.0"}
"""The PCI bus of each machine."""

_BACK_ENDS = {
    "netdev": "netdev user {}",
    "chardev": "chardev null {}",
    "block": "blockdev null-co {} {{ size 64MiB  read-zeroes on }}",
    "audiodev": "audiodev none {}",
    "tpmdev": 'chardev socket tpm-{0} {{ path "/tpm" }}\n  tpmdev emulator {0} {{ chardev tpm-{0} }}',
    "memory-backend": "object memory-backend-ram {} {{ size 16MiB }}",
    "cryptodev-backend": "object cryptodev-backend-builtin {}",
    "can-bus": "object can-bus {}",
}
"""What a property refers to -> the statement that makes it."""

_VALUES = {
    "serial": "serial-{id}",
    "chassis": "{number}",
    "chassis_nr": "{number}",
    "bus_nr": "{number:d}",
    "mount_tag": "tag-{id}",
    "tag": "tag-{id}",
}
"""Properties without which some type does not start."""

_OWN_VALUES = {
    "loader": "addr 0x1000  data 1  data-len 4",
    "usb-mtp": 'rootdir "/tmp"',
    "vhost-user-test-device-pci": "virtio-id 40  num_vqs 2",
    "vmgenid": 'guid "00000000-0000-0000-0000-000000000001"',
    "virtio-mem-pci": "requested-size 0",
}
"""The same for one type."""

_LEFT_OUT = {
    "nvme": ("pmrdev",),
    "cxl-type3": ("lsa", "memdev", "persistent-memdev", "volatile-dc-memdev"),
}
"""Type -> references that exclude each other, or need more."""

_CARRIERS = {
    "usb-bus": (("qemu-xhci", "PCI", ""),),
    "SCSI": (("virtio-scsi-pci", "PCI", ""),),
    "virtio-serial-bus": (("virtio-serial-pci", "PCI", ""),),
    "HDA": (("ich9-intel-hda", "PCI", ""),),
    "ccid-bus": (("qemu-xhci", "PCI", ""), ("usb-ccid", "{}.0/1", "")),
    "sd-bus": (("sdhci-pci", "PCI", ""),),
    "nvme-bus": (("nvme", "PCI", "serial x"),),
    "ufs-bus": (("ufs", "PCI", "serial x"),),
    "IndustryPack": (("tpci200", "PCI", ""),),
    "floppy-bus": (("isa-fdc", "", ""),),
}
"""Bus type -> the devices that offer it: type, where it is plugged, properties."""

NOT_HERE = {
    "vfio-pci*": "a PCI device of the host",
    "vfio-user-pci": "the program that is the device",
    "vhost-scsi*": "vhost in the host's kernel",
    "vhost-vsock*": "vhost in the host's kernel",
    "vhost-vdpa-*": "a vDPA device of the host",
    "vhost-user-gpu-pci": "the program that draws",
    "vhost-user-vga": "the program that draws",
    "ivshmem-doorbell": "a server of shared memory",
    "virtio-input-host-pci": "an input device of the host",
    "u2f-passthru": "a security key of the host",
    "ccid-card-emulated": "a data base of certificates",
    "scsi-block": "a SCSI device of the host",
    "scsi-generic": "a SCSI device of the host",
    "x-pci-proxy-dev": "the program that is the device",
    "xen-platform": "a Xen guest",
    "hv-syndbg": "KVM, with Hyper-V's enlightenments",
    "guest-loader": "a device tree, which PCs lack",
    "uefi-vars-sysbus": "a machine with a device tree; PCs have uefi-vars-x64",
    "vmmouse": "the machine's keyboard controller, which has no name; the machine makes the mouse",
}
"""Types (patterns) that the tests cannot start -> what they need."""

NOT_ON = {
    "q35": ("pxb", "vfio-pci-igd-lpc-bridge"),
    "pc": ("amd-iommu", "intel-iommu", "pxb-pcie", "pxb-cxl"),
}
"""Machine -> types that it refuses."""

_UNITS = {
    "usb-bus": "{}.0/1", "SCSI": "{}.0/0:0:1", "virtio-serial-bus": "{}.0/1", "HDA": "{}.0/0",
    "ccid-bus": "{}.0/0", "floppy-bus": "{}.0/0", "nvme-bus": "{}/1", "IDE": "ide.1/0",
}  # fmt: skip
"""Bus type -> an address on the last carrier."""

_MACHINE_OPTIONS = {"nvdimm": "nvdimm on", "pxb-cxl": "cxl on", "cxl-type3": "cxl on"}

FIRST_SLOT, LAST_SLOT = 0x03, 0x1D
SIZE = 12
"""How many types are plugged at once; each takes two slots at most."""


class Plug(NamedTuple):
    """One type: the id of its device, its statements with `VERSION` for the version of each device,
    back ends, and what the machine has to be told."""

    type: str
    id: str
    devices: tuple[str, ...]
    back_ends: tuple[str, ...]
    machine: str


def pluggable_types(catalog: Catalog, release: str, machine: str) -> list[str]:
    """All types that a user may plug into a machine, but for processors and what cannot be started."""
    found = []
    for name in catalog.names("device"):
        type_ = catalog.device(name)
        if type_ is None or release not in type_.releases or not type_.creatable(release):
            continue
        if "cpu" in type_.parents(release) or type_.bus(release) in _ELSEWHERE:
            continue
        if name not in NOT_ON[machine] and not any(fnmatchcase(name, pattern) for pattern in NOT_HERE):
            found.append(name)
    return found


_ELSEWHERE = ("virtio-bus", "xen-bus", "xen-sysbus", "nitro-vsock-bus", "vmbus")
"""Buses that no PC has: of virtio-mmio, of Xen and of Nitro; Hyper-V's needs KVM."""


def describe(plugs: Sequence[Plug], machine: str, machine_version: str, version: str) -> str:
    """The description of a guest with all of them; an empty `version` is the machine's."""
    options = "  ".join(sorted({plug.machine for plug in plugs if plug.machine}))
    devices = [line for plug in plugs for line in plug.devices]
    host = [line for plug in plugs for line in plug.back_ends]
    lines = [
        "machdesc 1",
        f"machine {machine} @ {machine_version} {{ {options} }}",
        "memory 128MiB { slots 8  max 2GiB }",
        *(line.replace("VERSION", f"@ {version}" if version else "") for line in devices),
        "host {",
        *(f"  {line}" for line in host),
        "}",
    ]
    return "\n".join(lines) + "\n"


def plug_types(catalog: Catalog, release: str, machine: str, types: Sequence[str]) -> list[Plug]:
    """The types with addresses of their own, as far as the slots of one machine reach."""
    slots = iter(range(FIRST_SLOT, LAST_SLOT + 1))
    plugs = []
    for number, name in enumerate(types):
        type_ = catalog.device(name)
        assert type_ is not None
        plugs.append(_plug(type_, release, machine, number, slots))
    return plugs


def _plug(type_: DeviceType, release: str, machine: str, number: int, slots: Iterator[int]) -> Plug:
    id_ = f"d{number}"
    pci = PCI_BUSES[machine]
    bus = type_.bus(release)
    devices, carrier = [], ""
    for place, (name, where, needs) in enumerate(_CARRIERS.get(bus, ())):
        at = (
            f"at {pci}/{next(slots):02x}.0"
            if where == "PCI"
            else f"at {where.format(carrier)}"
            if where
            else ""
        )
        carrier = f"{id_}-carrier{place}"
        devices.append(f"device {name} VERSION {carrier} {at} {{ {needs} }}")
    at = ""
    if bus == "PCI":
        at = f"at {pci}/1f.0" if type_.name == "vfio-pci-igd-lpc-bridge" else f"at {pci}/{next(slots):02x}.0"
    elif bus in _UNITS:
        at = "at " + _UNITS[bus].format(carrier)
    values, back_ends = [_OWN_VALUES.get(type_.name, "")], []
    for item in type_.properties(release).values():
        end = f"{item.name.replace('_', '-')}-{id_}"
        if item.name in _LEFT_OUT.get(type_.name, ()):
            continue
        if item.refers in _BACK_ENDS:
            values.append(f"{item.name} {end}")
            back_ends.append(_BACK_ENDS[item.refers].format(end))
        elif item.name == "fsdev":
            values.append(f"fsdev {end}")
            back_ends.append(f"fsdev synth {end}")
        elif item.name == "bmc":
            values.append(f"bmc {end}")
            devices.append(f"device ipmi-bmc-sim VERSION {end}")
        elif item.name == "target" and item.refers == "cxl-upstream":
            values.append(f"target {end}")
            devices.append(f"device cxl-upstream VERSION {end} at {pci}/{next(slots):02x}.0")
        elif item.name in _VALUES and item.name not in _OWN_VALUES.get(type_.name, ""):
            values.append(f"{item.name} {_VALUES[item.name].format(id=id_, number=number + 20)}")
    devices.append(f"device {type_.name} VERSION {id_} {at} {{ {'  '.join(v for v in values if v)} }}")
    return Plug(type_.name, id_, tuple(devices), tuple(back_ends), _MACHINE_OPTIONS.get(type_.name, ""))
