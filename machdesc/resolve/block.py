"""Checks the properties of all blocks against the schemas of what they describe.

Blocks of which QEMU has no schema are held against what its options take, as far as that is told
here: names of properties, and where a list or a block can be said at all.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, Suggestion, error
from machdesc.resolve.address import KINDS, kind_of
from machdesc.resolve.guest import Guest
from machdesc.schema.validate import check_properties
from machdesc.syntax.tree import Block, List, Property, Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Value

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

_OF_ACCELERATORS = {"accel": "", "kernel-irqchip": "kvm", "kvm-shadow-mem": "kvm", "igd-passthru": "xen"}
"""What QEMU takes of a machine and hands to the accelerator, and to which (system/vl.c,
qemu_apply_legacy_machine_options): it is a setting of the host, which the text says in one place only."""

_PROCESS = ("monitor", "name", "overcommit", "sandbox", "action", "msg", "run-with")
_FLAT = frozenset(
    (*_KEYS, *_PROCESS, "numa", "smbios", "accel", "netdev", "chardev", "tpmdev", "vnc", "spice")
)
"""Statements that become options of flat keys, in which a block cannot be said. Nor can a list, but:"""

_LISTS = {
    "numa": ("cpus",),  # NumaNodeOptions in qapi/machine.json
    "smbios": ("value", "path"),  # save_opt_one in hw/smbios/smbios.c
    "netdev": (  # NetdevUserOptions and NetDevPasstOptions in qapi/net.json
        *("dnssearch", "hostfwd", "guestfwd"),
        *("search", "tcp-ports", "udp-ports", "param"),
    ),
    "spice": ("tls-channel", "plaintext-channel"),  # add_channel in ui/spice-core.c
}
"""Properties of flat statements of which QEMU keeps each. Of others that are repeated it keeps the last."""

_LISTLESS = frozenset((*_FLAT, "fsdev", "audiodev", "display"))
"""Statements that take no list, though some of them take blocks, such as an fsdev's `throttling`."""


def check_blocks(guest: Guest) -> list[Diagnostic]:
    """All that the schemas find wrong."""
    diagnostics: list[Diagnostic] = []
    release, catalog = guest.release, guest.catalog
    for device in guest.devices:
        if device.type is not None:
            properties = device.statement.properties
            if not properties:
                continue
            address = device.address
            if address is not None:
                kind = address.bus.kind
            else:
                kind = kind_of(device.type.bus(release), catalog, release)
            placed = kind.properties if kind is not None else ()
            if kind is not KINDS["PCI"] and (address is None or not address.unit):
                # Without an address, a part of one (`nsid` alone) may stand in the block.
                placed = ()
            diagnostics += check_properties(device.type, release, properties, placed)
    machine = guest.description.one("machine")
    if machine is not None and guest.machine_schema is not None:
        own = tuple(item for item in machine.properties if item.name not in _OF_ACCELERATORS)
        diagnostics += check_properties(guest.machine_schema, release, own)
        if len(own) < len(machine.properties):
            diagnostics += [_misplaced(i) for i in machine.properties if i.name in _OF_ACCELERATORS]
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
                            Suggestion(item.name, keys),
                        )
                    )
    for statement in guest.description.all("smbios"):
        from machdesc.resolve.smbios import check_smbios

        diagnostics += check_smbios(statement, release)
    for statement in (*guest.description.statements, *guest.description.host):
        if statement.keyword in _LISTLESS:
            diagnostics += _check_flat(statement)
    return diagnostics


def _misplaced(item: Property) -> Diagnostic:
    """A property of the accelerator that stands in `machine`."""
    word = getattr(item.value, "text", "…")
    kind = _OF_ACCELERATORS[item.name]
    there = f"accel {kind} {{ {item.name} {word} }}" if kind else f"accel {word}"
    message = f"`{item.name}` is a setting of the accelerator"
    return error("accelerator-property", message, item.name_span, "", f"write in `host`: {there}")


def _check_flat(statement: Statement) -> list[Diagnostic]:
    """Lists and blocks that the option cannot say; QEMU would keep a list's last item, or refuse."""
    keyword, head = statement.keyword, statement.head
    word = head.text if head is not None else ""
    lists = _LISTS.get(keyword, ())
    if keyword == "netdev" and word in ("stream", "dgram"):
        return []
    if keyword == "numa" and word != "node":
        lists = ()
    if keyword == "smbios" and getattr(head, "value", None) != 11:
        lists = ()
    diagnostics = []
    for item in statement.properties:
        wrong: tuple[Value, ...] = ()
        if isinstance(item.value, List):
            inner = tuple(i for i in item.value.items if isinstance(i, (Block, List)))
            wrong = inner if item.name in lists else (item.value,)
        elif isinstance(item.value, Block) and keyword in _FLAT:
            wrong = (item.value,)
        for value in wrong:
            kind = "block" if isinstance(value, Block) else "list"
            allowed = "a word, a number or text"
            diagnostics.append(error("wrong-type", f"`{item.name}` takes no {kind}", value.span, allowed))
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
            Suggestion(word, guest.catalog.names("object")),
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
            Suggestion(word, guest.catalog.names("device")),
        )
    ]
