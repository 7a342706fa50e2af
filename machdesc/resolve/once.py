"""What QEMU takes once: a back end that two devices name, a number that two have, a second device of a
kind of which there is one.

Each was tried on QEMU 5.2, 7.2, 10.0 and 11.1, as far as they have the property.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.resolve.guest import Guest
from machdesc.resolve.plugged import Plugged, number
from machdesc.syntax.tree import Block, List

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from machdesc.syntax.tree import Property, Span, Statement

    Use = tuple[Span, Plugged | None]
    """Where something is used, and by which device, if it is one."""

_BACK_ENDS = {
    "netdev": "netdev",  # hw/core/qdev-properties-system.c, set_netdev: it's in use
    "cryptodev": "cryptodev",  # hw/virtio/virtio-crypto.c: can't use already used cryptodev backend
    "memdev": "object",  # hw/mem/pc-dimm.c, hw/core/numa.c and others: can't use already busy memdev
}
"""Property of devices that names a back end which serves one of them -> what such a thing is called."""

_BOOT_INDEXES = ("bootindex", "bootindexA", "bootindexB")
"""Places in the order of booting (system/bootdevice.c, check_boot_index: has already been used)."""

_SLOTS = "pcie-slot"
"""Ports of PCI Express, which have a chassis and a slot in it (hw/pci/pcie_port.c, pcie_chassis_add_slot)."""

_EXPANDERS = frozenset(("pxb", "pxb-pcie", "pxb-cxl"))
"""Root bridges, which have the number of a bus (hw/pci-bridge/pci_expander_bridge.c: is already in use)."""

_PORTS = "virtio-serial-port"
"""Ports of virtio-serial, whose names are one name space (hw/char/virtio-serial-bus.c, find_port_by_name)."""

_MOST_OF_MUX = 4
"""Users of a chardev with `mux on` (chardev/char-mux.c, MAX_MUX); without it there is one."""

_WRITERS = frozenset(("virtio-blk-device", "ide-hd", "scsi-hd", "usb-storage", "nvme", "nvme-ns"))
"""Devices that write to their disk where it can be written (hw/block/block.c,
blkconf_apply_backend_options)."""

_WRITABLE = frozenset(("raw", "qcow2", "file", "host_device", "null-co", "null-aio", "nbd", "rbd"))
"""Block drivers whose nodes can be written unless the text says otherwise."""

_SINGLE = {
    "virtio-balloon-device": "virtio-balloon",  # system/balloon.c: Only one balloon device is supported
    "vmgenid": "vmgenid",  # hw/acpi/vmgenid.c: at most one vmgenid device is permitted
    "vmcoreinfo": "vmcoreinfo",  # hw/misc/vmcoreinfo.c: at most one vmcoreinfo device is permitted
    "pvpanic": "pvpanic",  # hw/nvram/fw_cfg.c: duplicate fw_cfg file name: etc/pvpanic-port
    "x86-iommu": "IOMMU",  # hw/i386/pc.c: QEMU does not support multiple vIOMMUs for x86 yet
    "virtio-iommu-device": "IOMMU",
}
"""Kind of device -> what there is one of."""

_SERIAL_PORTS = 4
"""Serial ports on an ISA bus (hw/char/serial-isa.c, MAX_ISA_SERIAL_PORTS)."""

_NEXT = 0xFFFFFFFF
"""The index of a serial port that is the next one."""


def check_once(guest: Guest, plugged: list[Plugged], elsewhere: Container[str]) -> list[Diagnostic]:
    """An error for each second use; codes used-twice and only-one."""
    diagnostics: list[Diagnostic] = []
    seen: dict[tuple[str, object], Use] = {}
    for what, value, use in _uses(guest, plugged, elsewhere):
        first = seen.setdefault((what, value), use)
        if first is not use:
            shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            diagnostics.append(_twice(f"{what} `{shown}`", use[0], first))
    diagnostics += _check_chardevs(guest, plugged)
    diagnostics += _check_disks(guest, plugged)
    return diagnostics + _check_single(plugged)


def _uses(
    guest: Guest, plugged: list[Plugged], elsewhere: Container[str]
) -> Iterator[tuple[str, object, Use]]:
    """What is used once, with its kind and where."""
    slots_told = "chassis" not in elsewhere and "slot" not in elsewhere
    buses_told = "bus_nr" not in elsewhere
    for device in plugged:
        for name, item in device.said.items():
            if name in _BACK_ENDS:
                text = str(getattr(item.value, "text", ""))
                if text and name in device.type.properties(guest.release):
                    yield _BACK_ENDS[name], text, (item.value.span, device)
            elif name in _BOOT_INDEXES:
                index = number(item)
                if index is not None and index >= 0:
                    yield "bootindex", index, (item.value.span, device)
            elif name == "acpi-index":  # hw/acpi/pcihp.c: already exist; 0 means none
                if number(item):
                    yield "acpi-index", number(item), (item.value.span, device)
            elif name == "name" and _PORTS in device.kinds:
                yield "name of a port", getattr(item.value, "text", ""), (item.value.span, device)
        if _SLOTS in device.kinds and slots_told:
            place = device.number("chassis"), device.number("slot")
            yield "chassis and slot", place, (device.span("slot", "chassis"), device)
        elif device.type.name in _EXPANDERS and buses_told:
            yield "bus number", device.number("bus_nr"), (device.span("bus_nr"), device)
    for keyword, name in (("memory", "backend"), ("numa", "memdev")):
        for statement in guest.description.all(keyword):
            for item in statement.properties:
                if item.name == name:
                    yield "object", getattr(item.value, "text", ""), (item.value.span, None)


def _twice(what: str, span: Span, first: Use) -> Diagnostic:
    line = first[0][2].location(first[0][0])[0]
    user = f"that of {first[1].label}" if first[1] is not None else "used"
    message = f"{what} is {user} in line {line}, and QEMU takes it once"
    return error("used-twice", message, span, "", "give each its own")


def _check_chardevs(guest: Guest, plugged: list[Plugged]) -> list[Diagnostic]:
    """Chardevs with more users than they can have."""
    described = {s.id.text: s for s in guest.description.host_all("chardev") if s.id is not None}
    if not described:
        return []
    uses: dict[str, list[Use]] = {}
    for statement in guest.description.host_all("monitor"):
        if statement.id is not None:
            uses.setdefault(statement.id.text, []).append((statement.id.span, None))
    for device in plugged:
        item = device.said.get("chardev")
        if item is not None and "chardev" in device.type.properties(guest.release):
            uses.setdefault(getattr(item.value, "text", ""), []).append((item.value.span, device))
    diagnostics = []
    for name, those in uses.items():
        if name in described and len(those) > 1:
            is_mux = _is_on(described[name].properties, "mux")
            most = _MOST_OF_MUX if is_mux else 1
            help = "" if is_mux else "write `mux on` in the chardev if they are to share it"
            for use in those[most:]:
                diagnostic = _twice(f"chardev `{name}`", use[0], those[0])
                if is_mux:
                    message = f"chardev `{name}` has more than {most} users"
                    diagnostic = error("used-twice", message, use[0], f"1 to {most}")
                diagnostics.append(diagnostic._replace(hint=help or diagnostic.hint))
    return diagnostics


def _check_disks(guest: Guest, plugged: list[Plugged]) -> list[Diagnostic]:
    """Disks that two devices would write to, and drives in the older way that two devices name."""
    users: dict[str, list[Plugged]] = {}
    for device in plugged:
        item = device.said.get("drive")
        if item is not None:
            users.setdefault(getattr(item.value, "text", ""), []).append(device)
    shared = {name: those for name, those in users.items() if len(those) > 1}
    if not shared:
        return []
    drives = {s.id.text for s in guest.description.host_all("drive") if s.id is not None}
    nodes = {s.id.text: s for s in guest.description.host_all("blockdev") if s.id is not None}
    diagnostics = []
    for name, those in shared.items():
        help = ""
        if name not in drives:
            # Only those that are sure to write count, and two that share it do not mind.
            if name not in nodes or not _can_be_written(nodes[name]):
                continue
            those = [device for device in those if device.kinds & _WRITERS]
            if len(those) < 2 or all(device.says("share-rw", "on") for device in those):
                continue
            help = "write `share-rw on` in both, if the guest knows that they are one"
        first = those[0].span("drive"), those[0]
        for device in those[1:]:
            found = _twice(f"the disk `{name}`", device.span("drive"), first)
            diagnostics.append(found._replace(hint=help or found.hint))
    return diagnostics


def _can_be_written(statement: Statement) -> bool:
    """Whether a block node is sure to be writable."""
    kind = statement.head.text if statement.head is not None else ""
    return kind in _WRITABLE and all(_is_plain(item) for item in statement.properties)


def _is_plain(item: Property) -> bool:
    """Whether a property says nothing of a node that is only read, in itself or deeper."""
    if item.name in ("read-only", "auto-read-only"):
        return getattr(item.value, "text", "") == "off"
    if item.name == "driver":
        return getattr(item.value, "text", "") in _WRITABLE
    if isinstance(item.value, Block):
        return all(map(_is_plain, item.value.properties))
    # A node that is named is described elsewhere, and may be only read.
    return not isinstance(item.value, List) and item.name not in ("file", "backing")


def _is_on(properties: Iterable[Property], name: str) -> bool:
    return any(item.name == name and getattr(item.value, "text", "") == "on" for item in properties)


def _check_single(plugged: list[Plugged]) -> list[Diagnostic]:
    """A second device of a kind of which there is one, and serial ports that an ISA bus does not have."""
    diagnostics = []
    firsts: dict[str, Plugged] = {}
    ports = 0
    for device in plugged:
        what = _single(device.kinds)
        if what and firsts.setdefault(what, device) is not device:
            message = f"QEMU takes one {what}, and {firsts[what].label} is one"
            diagnostics.append(error("only-one", message, device.span(), "", "remove one of them"))
        if device.type.name == "isa-serial":
            index = device.number("index", _NEXT)
            if (ports if index == _NEXT else index) >= _SERIAL_PORTS:
                message = f"an ISA bus has {_SERIAL_PORTS} serial ports"
                diagnostics.append(error("only-one", message, device.span("index"), "index 0 to 3"))
            ports += 1
    return diagnostics


def _single(kinds: frozenset[str]) -> str:
    """What there is one of, that a device of some kinds is; empty for most."""
    if kinds not in _singles:
        _singles[kinds] = next((what for kind, what in _SINGLE.items() if kind in kinds), "")
    return _singles[kinds]


_singles: dict[frozenset[str], str] = {}
