"""Emission: the options that start exactly the guest that was resolved.

Nothing is left to what QEMU would choose by itself: no default devices, no user configuration,
the machine type's full name. All devices go through one channel, since QEMU creates those that
are given as JSON after all others (system/vl.c), which would move addresses.
"""

from __future__ import annotations

from machdesc.abi.settle import settle_topology
from machdesc.backend.object import emit_objects
from machdesc.backend.option import BOOT_FILES, Option
from machdesc.backend.release import nested_property
from machdesc.backend.value import dotted, repeated, scalar_text, size_text
from machdesc.resolve.block import TOPOLOGY
from machdesc.resolve.guest import Device, Guest
from machdesc.syntax.tree import Block, List, Number, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.catalog.catalog import Property as Known
    from machdesc.syntax.tree import Span, Statement

_FIRST_KEYS = {"chardev": "backend", "tpmdev": "type", "fsdev": "fsdriver"}
"""The key that a back end's kind has in a configuration file."""


def emit_options(
    guest: Guest,
    written: Mapping[int, tuple[tuple[str, str], ...]],
    globals_: tuple[tuple[str, str, str], ...],
) -> list[Option]:
    """All options of a guest without errors, in an order that QEMU and people can read.

    `written` are properties to add to devices, by their number; `globals_` are
    (driver, property, value).
    """
    description = guest.description
    options = _identity(guest)
    options.append(_machine(guest))
    options += [_accel(s) for s in description.host_all("accel")]
    options += _cpu(guest)
    options += _memory(guest)
    options += emit_objects(guest)
    options += _numa(description.all("numa"))
    options += [_blockdev(s) for s in in_order(description.host_all("blockdev"))]
    options += [_back_end(s) for s in in_order(description.host_all("chardev"))]
    options += _netdevs(in_order(description.host_all("netdev")))
    for keyword in ("audiodev", "tpmdev", "fsdev"):
        options += [_back_end(s) for s in in_order(description.host_all(keyword))]
    options += [
        Option("drive", "", _id(s), dotted(s.properties), "drive", "", s.span)
        for s in description.host_all("drive")
    ]
    options += _globals(guest, globals_)
    options += _devices(guest, written)
    for statement in description.all("smbios"):
        number = scalar_text(statement.head) if statement.head is not None else ""
        options.append(Option("smbios", pairs=(("type", number), *repeated(statement.properties))))
    for statement in description.all("fw_cfg"):
        pairs = (("name", _id(statement)), *dotted(statement.properties))
        options.append(Option("fw_cfg", pairs=pairs, section="fw_cfg", span=statement.span))
    options += _boot_and_clock(guest)
    options += _process(guest)
    flags = [Option("nodefaults"), Option("no-user-config")]
    return flags + [option for option in options if option.says_something]


def in_order(statements: tuple[Statement, ...]) -> list[Statement]:
    """Statements of one kind, each behind those that it names, else as they stand.

    QEMU creates them one by one, and knows only what it has created.
    """
    if len(statements) < 2:
        return list(statements)
    by_id = {_id(s): s for s in statements}
    named = {name: _named(statement, by_id) for name, statement in by_id.items()}
    if not any(named.values()):
        return list(by_id.values())
    ordered: dict[str, Statement] = {}
    for statement in statements:
        stack = [_id(statement)]
        open_: set[str] = set()
        while stack:
            name = stack[-1]
            waiting = [t for t in named[name] if t not in ordered and t not in open_ and t != name]
            if name in ordered or not waiting:
                ordered.setdefault(name, by_id[name])
                stack.pop()
            else:
                open_.add(name)
                stack += waiting
    return list(ordered.values())


def _named(statement: Statement, by_id: Mapping[str, Statement]) -> list[str]:
    """Those of some ids that a statement names."""
    return [text for _, value, _ in statement.properties for text in texts(value) if text in by_id]


def _id(statement: Statement) -> str:
    return statement.id.text if statement.id is not None else ""


def _kind(statement: Statement) -> str:
    return statement.head.text if statement.head is not None else ""


def _identity(guest: Guest) -> list[Option]:
    """`-name` and `-uuid`."""
    statement = guest.description.one("guest")
    pairs: list[tuple[str, str]] = []
    options = []
    if statement is not None:
        pairs.append(("guest", _id(statement)))
        for item in statement.properties:
            if item.name == "uuid":
                options.append(Option("uuid", scalar_text(item.value), plain=True))
    for process in guest.description.host_all("name"):
        pairs += dotted(process.properties)
    if pairs:
        span = statement.span if statement is not None else None
        options.insert(0, Option("name", pairs=tuple(pairs), section="name", span=span))
    return options


def _machine(guest: Guest) -> Option:
    """`-machine`, with what `boot` and `memory` say that is the machine's."""
    statement = guest.description.one("machine")
    known = guest.machine_schema.properties(guest.release) if guest.machine_schema is not None else {}
    pairs = list(dotted(statement.properties, known)) if statement is not None else []
    if guest.chain:
        from machdesc.abi.machine import variant_properties

        written = {item.name for item in statement.properties} if statement is not None else ()
        own = (item for name, item in variant_properties(guest).items() if name not in written)
        pairs = [*dotted(own, known), *pairs]
    boot, memory = guest.description.one("boot"), guest.description.one("memory")
    if boot is not None:
        pairs += dotted(item for item in boot.properties if item.name in BOOT_FILES)
    if memory is not None:
        pairs += [("memory-backend", scalar_text(i.value)) for i in memory.properties if i.name == "backend"]
    span = statement.span if statement is not None else None
    return Option("machine", guest.machine_name, "", tuple(pairs), "machine", "type", span)


def _accel(statement: Statement) -> Option:
    pairs = dotted(statement.properties)
    return Option("accel", _kind(statement), "", pairs, "accel", "accel", statement.span)


def _cpu(guest: Guest) -> list[Option]:
    """`-cpu` and `-smp`."""
    statement = guest.description.one("cpu")
    if statement is None:
        return []
    features = [item for item in statement.properties if item.name not in TOPOLOGY]
    schema = guest.catalog.cpu_schema() if features else None
    known = schema.properties(guest.release) if schema is not None else {}
    options = [Option("cpu", guest.cpu_name, "", dotted(features, known))]
    topology = dotted(item for item in statement.properties if item.name in TOPOLOGY)
    if topology:
        pairs = (*topology, *settle_topology(guest))
        options.append(Option("smp", pairs=pairs, section="smp-opts", span=statement.span))
    return options


def _memory(guest: Guest) -> list[Option]:
    """`-m`"""
    statement = guest.description.one("memory")
    if statement is None or not isinstance(statement.head, Number):
        return []
    pairs = [("size", size_text(int(statement.head.value)))]
    for item in statement.properties:
        if item.name == "slots":
            pairs.append(("slots", scalar_text(item.value)))
        elif item.name == "max" and isinstance(item.value, Number):
            pairs.append(("maxmem", size_text(int(item.value.value))))
    return [Option("m", pairs=tuple(pairs), section="memory", span=statement.span)]


def _back_end(statement: Statement) -> Option:
    """A back end; the configuration file has no group for an audiodev in every release."""
    keyword = statement.keyword
    section = "" if keyword == "audiodev" else keyword
    pairs, first_key = dotted(statement.properties), _FIRST_KEYS.get(keyword, "")
    return Option(keyword, _kind(statement), _id(statement), pairs, section, first_key, statement.span)


def _netdevs(statements: list[Statement]) -> list[Option]:
    """`-netdev`. The kinds with addresses are read by their schema, with dotted keys, before all
    others (net/net.c), and fail in a configuration file. The others repeat a key for a list, of
    which a file keeps only the last; then they all become arguments, since a hub's port has to
    stand behind what it names.
    """
    modern = [s.head is not None and s.head.text in ("stream", "dgram") for s in statements]
    flat = [
        dotted(s.properties) if m else repeated(s.properties) for s, m in zip(statements, modern, strict=True)
    ]
    unique = all(m or len(pairs) == len(dict(pairs)) for pairs, m in zip(flat, modern, strict=True))
    return [
        Option("netdev", _kind(s), _id(s), pairs, "netdev" if unique and not m else "", "type", s.span)
        for s, pairs, m in zip(statements, flat, modern, strict=True)
    ]


def _blockdev(statement: Statement) -> Option:
    pairs = (("node-name", _id(statement)), *dotted(statement.properties))
    return Option("blockdev", _kind(statement), "", pairs)


def _numa(statements: tuple[Statement, ...]) -> list[Option]:
    """`-numa`; a configuration file keeps only the last of repeated keys.

    Distances need their nodes first, so all go one way.
    """
    flat = [(s, repeated(s.properties)) for s in statements]
    unique = all(len(pairs) == len(dict(pairs)) for _, pairs in flat)
    section = "numa" if unique else ""
    return [Option("numa", _kind(s), "", pairs, section, "type", s.span) for s, pairs in flat]


def _globals(guest: Guest, globals_: tuple[tuple[str, str, str], ...]) -> list[Option]:
    """`-global`: the description's own, and those that versions of devices need."""
    triples: list[tuple[str, str, str, Span | None]] = [(*triple, None) for triple in globals_]
    for statement in guest.description.all("global"):
        pairs = dotted(statement.properties)
        triples += [(_kind(statement), key, value, statement.span) for key, value in pairs]
    return [
        Option("global", pairs=(("driver", d), ("property", p), ("value", v)), section="global", span=span)
        for d, p, v, span in triples
    ]


def _devices(guest: Guest, written: Mapping[int, tuple[tuple[str, str], ...]]) -> list[Option]:
    """`-device`, as key=value, or all of them as JSON when one has a list or a block."""
    device_option = _flat_device if nested_property(guest) is None else _json_device
    return [device_option(guest, device, written.get(n, ())) for n, device in enumerate(guest.devices)]


def _place(device: Device) -> list[tuple[str, str]]:
    """The bus and the address of a device."""
    if device.address is None:
        return []
    return [("bus", device.address.bus.name), *device.address.properties]


def _flat_device(guest: Guest, device: Device, extra: tuple[tuple[str, str], ...]) -> Option:
    assert device.type is not None
    pairs = (
        *_place(device),
        *dotted(device.statement.properties, device.type.properties(guest.release)),
        *extra,
    )
    return Option("device", device.type.name, device.id, pairs, "device", "driver", device.statement.span)


def _json_device(guest: Guest, device: Device, extra: tuple[tuple[str, str], ...]) -> Option:
    import json

    from machdesc.schema.validate import json_value

    assert device.type is not None
    known = device.type.properties(guest.release)
    values: dict[str, object] = {"driver": device.type.name}
    if device.id:
        values["id"] = device.id
    for key, text in (*_place(device), *extra):
        values[key] = _json_text(known.get(key), text)
    for item in device.statement.properties:
        values[item.name] = json_value(known.get(item.name), item.value)
    return Option("device", json=json.dumps(values, ensure_ascii=False), span=device.statement.span)


def _json_text(known: Known | None, text: str) -> object:
    """The JSON form of a text that QEMU would read as key=value."""
    if known is not None and known.kind == "bool":
        return text in ("on", "true", "yes")
    if known is not None and known.kind in ("int", "size"):
        try:
            return int(text, 0)
        except ValueError:
            return text
    return text


def _boot_and_clock(guest: Guest) -> list[Option]:
    """`-boot` and `-rtc`."""
    options = []
    boot, rtc = guest.description.one("boot"), guest.description.one("rtc")
    if boot is not None:
        pairs = dotted(item for item in boot.properties if item.name not in BOOT_FILES)
        if pairs:
            options.append(Option("boot", pairs=pairs, section="boot-opts", span=boot.span))
    if rtc is not None:
        options.append(Option("rtc", pairs=dotted(rtc.properties), section="rtc", span=rtc.span))
    return options


def _vnc(statement: Statement) -> Option:
    """`-vnc`, whose address has to have its key when it holds `=`: else that would end a key
    (util/qemu-option.c, get_opt_name_value)."""
    address, pairs = _kind(statement), dotted(statement.properties)
    if "=" in address:
        return Option("vnc", pairs=(("vnc", address), *pairs))
    return Option("vnc", address, "", pairs)


def _process(guest: Guest) -> list[Option]:
    """What concerns the QEMU process: displays, monitors, limits."""
    description = guest.description
    options = [Option("display", _kind(s), "", dotted(s.properties)) for s in description.host_all("display")]
    options += [_vnc(s) for s in description.host_all("vnc")]
    options += [Option("spice", pairs=repeated(s.properties)) for s in description.host_all("spice")]
    if not any(option.says_something for option in options):
        # QEMU would open a window, or a VNC server, by how it was built.
        options.append(Option("display", "none"))
    for statement in description.host_all("monitor"):
        pairs = (("chardev", _id(statement)), *dotted(statement.properties))
        options.append(Option("mon", pairs=pairs, section="mon", span=statement.span))
    for keyword in ("overcommit", "sandbox", "action", "msg", "run-with"):
        options += [Option(keyword, pairs=dotted(s.properties)) for s in description.host_all(keyword)]
    for statement in description.host_all("arguments"):
        if statement.values is not None:
            options += [
                Option("", scalar_text(item), plain=True)
                for item in statement.values.items
                if not isinstance(item, (Block, List))
            ]
    return options
