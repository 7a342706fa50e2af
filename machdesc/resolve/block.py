"""Checks the properties of all blocks against the schemas of what they describe."""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, did_you_mean, error
from machdesc.resolve.address import KINDS, kind_of
from machdesc.resolve.guest import Guest
from machdesc.schema.validate import check_properties
from machdesc.syntax.tree import Property, Statement

TOPOLOGY = (
    "cpus",
    "maxcpus",
    "drawers",
    "books",
    "sockets",
    "dies",
    "clusters",
    "modules",
    "cores",
    "threads",
)
"""What of a `cpu` block is the topology, QEMU's `-smp` (qapi/machine.json, SMPConfiguration)."""

_BOOT_OPTIONS = ("order", "once", "menu", "strict", "splash", "splash-time", "reboot-timeout")
_BOOT_FILES = ("kernel", "initrd", "append", "dtb", "shim", "firmware")
_KEYS = {
    "guest": ("uuid",),
    "memory": ("slots", "max", "backend"),
    "boot": (*_BOOT_OPTIONS, *_BOOT_FILES),
    "rtc": ("base", "clock", "driftfix"),
    "fw_cfg": ("string", "file", "gen_id"),
}
"""Keys of the blocks that no schema of QEMU's describes (system/vl.c: the options' own lists)."""


def check_blocks(guest: Guest) -> list[Diagnostic]:
    """All that the schemas find wrong."""
    diagnostics: list[Diagnostic] = []
    release, catalog = guest.release, guest.catalog
    for device in guest.devices:
        if device.type is not None:
            kind = kind_of(device.type.bus(release), catalog.ancestors(device.type.bus(release), release))
            placed = kind.properties if kind is not None else ()
            properties = device.statement.properties
            if kind is not KINDS["PCI"] and (device.address is None or not device.address.unit):
                # Without an address, a part of one (`nsid` alone) may stand in the block.
                placed = ()
            diagnostics += check_properties(device.type, release, properties, frozenset(placed))
    machine = guest.description.one("machine")
    if machine is not None and guest.machine_schema is not None:
        diagnostics += check_properties(guest.machine_schema, release, machine.properties)
    cpu = guest.description.one("cpu")
    schema = catalog.cpu_schema()
    if cpu is not None:
        features: list[Property] = []
        for item in cpu.properties:
            if item.name in TOPOLOGY:
                continue
            features.append(item)
        if schema is not None:
            diagnostics += check_properties(schema, release, tuple(features))
    for statement in (*guest.description.all("object"), *guest.description.host_all("object")):
        diagnostics += _check_object(guest, statement)
    for statement in guest.description.all("global"):
        diagnostics += _check_global(guest, statement)
    for keyword, keys in _KEYS.items():
        for statement in guest.description.all(keyword):
            for item in statement.properties:
                if item.name not in keys:
                    diagnostics.append(
                        error(
                            "unknown-property",
                            f"`{keyword}` has no property `{item.name}`",
                            item.name_span,
                            ", ".join(keys),
                            did_you_mean(item.name, keys),
                        )
                    )
    return diagnostics


def _check_object(guest: Guest, statement: Statement) -> list[Diagnostic]:
    """An object's type and properties."""
    assert statement.head is not None
    word = statement.head.text
    known = guest.catalog.object(word)
    if known is not None and guest.release in known.releases:
        return check_properties(known, guest.release, statement.properties)
    if known is not None:
        return [
            error(
                "object-not-in-release",
                f"QEMU {guest.release} has no object type `{word}`",
                statement.head.span,
                "",
                f"QEMU {', '.join(known.releases)} has it",
            )
        ]
    return [
        error(
            "unknown-object-type",
            f"no known QEMU has an object type `{word}`",
            statement.head.span,
            "",
            did_you_mean(word, guest.catalog.names("object")),
        )
    ]


def _check_global(guest: Guest, statement: Statement) -> list[Diagnostic]:
    """A global's driver and properties: QEMU says nothing of those that fit no device."""
    assert statement.head is not None
    word = statement.head.text
    known = guest.catalog.device(guest.catalog.device_alias(word, guest.release) or word)
    if known is not None and guest.release in known.releases:
        return check_properties(known, guest.release, statement.properties)
    if guest.catalog.ancestors(word, guest.release):
        return []
    return [
        error(
            "unknown-device-type",
            f"QEMU {guest.release} has no type `{word}`",
            statement.head.span,
            "",
            did_you_mean(word, guest.catalog.names("device")),
        )
    ]
