"""Changes of a description, as a person or a tool might make them, each of a kind that has a name.

A mutation edits the text, so that it goes through the whole road; it gives None where the
description has nothing that it could change.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from machdesc.catalog.catalog import Property
from machdesc.resolve.guest import Device, Guest
from machdesc.syntax.tree import Statement


class Subject(NamedTuple):
    """What a mutation works on: the text of one file, and what it resolves to."""

    text: str
    guest: Guest


Mutation = Callable[[Random, Subject], "str | None"]

_NOT_TRIED = ("id", "bus", "addr", "unit", "port", "nr", "channel", "scsi-id", "lun", "cad", "nsid", "slot")
"""Properties that say where a device is; they are changed by other mutations."""

_WORDS = ("a1", "WD-1234", "0x1f")


def _edit(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def with_property(text: str, statement: Statement, name: str, value: str) -> str:
    """The text with a property of a statement set, whether or not it was there."""
    for item in statement.properties:
        if item.name == name:
            return _edit(text, item.value.span[0], item.value.span[1], value)
    if statement.block is None:
        return _edit(text, statement.span[1], statement.span[1], f" {{ {name} {value} }}")
    inside = statement.block.span[1] - 1
    return _edit(text, inside, inside, f"\n  {name} {value}\n")


def _without(text: str, statement: Statement) -> str:
    return _edit(text, statement.span[0], statement.span[1], "")


def random_value(random: Random, known: Property) -> str | None:
    """Some value that a property takes; None when it takes no plain one."""
    if known.kind == "bool":
        return random.choice(("on", "off"))
    if known.kind == "enum":
        return random.choice(known.enum) if known.enum else None
    if known.kind in ("int", "size"):
        low, high = known.low or 0, known.high if known.high is not None else 1 << 20
        default = known.default if isinstance(known.default, int) else low
        near = (default + 1, default - 1, default * 2, 0, 1, 2, 4, 16, 64, 256, 512)
        return str(random.choice([number for number in near if low <= number <= high] or [low]))
    return f'"{random.choice(_WORDS)}"' if known.kind == "str" else None


def _device(random: Random, subject: Subject) -> Device | None:
    devices = [d for d in subject.guest.devices if d.type is not None]
    return random.choice(devices) if devices else None


def change_property(random: Random, subject: Subject) -> str | None:
    device = _device(random, subject)
    if device is None or device.type is None:
        return None
    known = device.type.properties(subject.guest.release)
    names = [n for n, p in known.items() if n not in _NOT_TRIED and not p.refers and not n.startswith("x-")]
    if not names:
        return None
    name = random.choice(names)
    value = random_value(random, known[name])
    return with_property(subject.text, device.statement, name, value) if value is not None else None


def change_written(random: Random, subject: Subject) -> str | None:
    device = _device(random, subject)
    if device is None or device.type is None or not device.statement.properties:
        return None
    known = device.type.properties(subject.guest.release)
    item = random.choice(device.statement.properties)
    if item.name not in known or known[item.name].refers:
        return None
    value = random_value(random, known[item.name])
    if item.name == "mac":
        value = f'"52:54:00:00:{random.randrange(256):02x}:{random.randrange(256):02x}"'
    return with_property(subject.text, device.statement, item.name, value) if value is not None else None


def write_default(random: Random, subject: Subject) -> str | None:
    device = _device(random, subject)
    if device is None or device.type is None:
        return None
    from machdesc.abi.effective import effective

    known = device.type.properties(subject.guest.release)
    written = {item.name for item in device.statement.properties}
    name = random.choice([n for n in known if n not in _NOT_TRIED] or ["id"])
    if name in written or name not in known or known[name].refers:
        return None
    value = effective(subject.guest, device, name).value
    if value is None or value == "" or isinstance(value, (list, tuple)):
        return None
    text = ("on" if value else "off") if isinstance(value, bool) else str(value)
    return with_property(subject.text, device.statement, name, text)


def reorder(random: Random, subject: Subject) -> str | None:
    statements = [d.statement for d in subject.guest.devices]
    if len(statements) < 2:
        return None
    first, second = sorted(random.sample(statements, 2), key=lambda s: s.span[0])
    (a, b, _), (c, d, _) = first.span, second.span
    text = subject.text
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def rename(random: Random, subject: Subject) -> str | None:
    device = _device(random, subject)
    if device is None or not device.id:
        return None
    return re.sub(rf"(?<![\w.-]){re.escape(device.id)}(?![\w-])", device.id + "_x", subject.text)


def remove_device(random: Random, subject: Subject) -> str | None:
    device = _device(random, subject)
    return _without(subject.text, device.statement) if device is not None else None


def _root_bus(subject: Subject) -> str:
    return next((name for name in ("pcie.0", "pci.0") if name in subject.guest.buses), "")


def add_device(random: Random, subject: Subject) -> str | None:
    bus, slot = _root_bus(subject), random.randrange(0x10, 0x1E)
    if not bus or not subject.guest.devices:
        return None
    kind = random.choice(
        ("virtio-rng-pci", "virtio-balloon-pci", "e1000", "virtio-keyboard-pci", "qemu-xhci")
    )
    where = random.choice(subject.guest.devices).statement.span[0]
    return _edit(subject.text, where, where, f"device {kind} added at {bus}/{slot:02x}.0\n\n")


def move_device(random: Random, subject: Subject) -> str | None:
    bus = _root_bus(subject)
    on_bus = [d for d in subject.guest.devices if d.address is not None and d.address.bus.name == bus]
    if not bus or not on_bus:
        return None
    address = random.choice(on_bus).statement.address
    assert address is not None
    return _edit(subject.text, address.span[0], address.span[1], f"{bus}/{random.randrange(2, 0x1E):02x}.0")


def device_version(random: Random, subject: Subject) -> str | None:
    device = _device(random, subject)
    if device is None or device.statement.head is None or device.statement.version is not None:
        return None
    end = device.statement.head.span[1]
    version = random.choice(("9.2", "9.0", "8.2", "8.0", "7.2", "6.2"))
    return _edit(subject.text, end, end, f" @ {version}")


def machine_version(random: Random, subject: Subject) -> str | None:
    machine = subject.guest.description.one("machine")
    if machine is None or machine.version is None:
        return None
    version = random.choice(("10.0", "9.2", "9.1", "8.2", "8.0", "7.2"))
    return _edit(subject.text, machine.version.span[0], machine.version.span[1], version)


_MACHINE_NAMES = ("smm", "vmport", "hpet", "i8042", "smbus", "acpi", "pit", "sata", "nvdimm", "usb", "hmat")


def machine_option(random: Random, subject: Subject) -> str | None:
    machine, schema = subject.guest.description.one("machine"), subject.guest.machine_schema
    if machine is None or schema is None:
        return None
    known = schema.properties(subject.guest.release)
    names = [n for n in (*_MACHINE_NAMES, "mem-merge", "dump-guest-core", "suppress-vmdesc") if n in known]
    return with_property(subject.text, machine, random.choice(names), random.choice(("on", "off")))


def cpu_feature(random: Random, subject: Subject) -> str | None:
    cpu = subject.guest.description.one("cpu")
    if cpu is None:
        return None
    names = ("avx", "pcid", "vmx", "x2apic", "rdrand", "sse4.2", "smep", "popcnt", "check", "level", "pmu")
    name = random.choice(names)
    value = str(random.choice((0xB, 0xD))) if name == "level" else random.choice(("on", "off"))
    return with_property(subject.text, cpu, name, value)


def cpu_count(random: Random, subject: Subject) -> str | None:
    cpu = subject.guest.description.one("cpu")
    names = [item.name for item in cpu.properties] if cpu is not None else []
    found = [name for name in names if name in ("cpus", "maxcpus", "sockets", "cores", "threads", "dies")]
    if cpu is None or not found:
        return None
    return with_property(subject.text, cpu, random.choice(found), str(random.choice((1, 2, 3, 4, 8))))


def memory_size(random: Random, subject: Subject) -> str | None:
    memory = subject.guest.description.one("memory")
    if memory is None or memory.head is None:
        return None
    size = random.choice(("512MiB", "1GiB", "3GiB", "4GiB"))
    return _edit(subject.text, memory.head.span[0], memory.head.span[1], size)


def _section(text: str, subject: Subject, addition: str) -> str | None:
    """The text with a statement more, before the first device."""
    if not subject.guest.devices:
        return None
    where = subject.guest.devices[0].statement.span[0]
    return _edit(text, where, where, addition + "\n\n")


def identity(random: Random, subject: Subject) -> str | None:
    guest = subject.guest.description.one("guest")
    if guest is None:
        return None
    uuid = f"00000000-0000-4000-8000-{random.randrange(1 << 48):012x}"
    return with_property(subject.text, guest, "uuid", f'"{uuid}"')


def strings(random: Random, subject: Subject) -> str | None:
    addition = random.choice(
        (
            'smbios 2 { serial "S1" }',
            'smbios 3 { asset "A1" }',
            'fw_cfg "opt/org.example/x" { string "1" }',
            "boot { menu on }",
            "boot { strict on }",
            "rtc { base localtime }",
            "rtc { clock vm }",
        )
    )
    keyword = addition.split(" ")[0]
    if keyword in ("boot", "rtc") and subject.guest.description.one(keyword) is not None:
        return None
    return _section(subject.text, subject, addition)


def host_setting(random: Random, subject: Subject) -> str | None:
    host = re.search(r"^host \{", subject.text, re.MULTILINE)
    if host is None:
        return None
    addition = random.choice(
        (
            "\n  object iothread extra_thread",
            "\n  overcommit { mem-lock off }",
            "\n  chardev null extra_chardev",
            "\n  netdev user extra_net",
            "\n  msg { timestamp on }",
        )
    )
    return _edit(subject.text, host.end(), host.end(), addition)


MUTATIONS: dict[str, Mutation] = {
    "change a property": change_property,
    "change a written property": change_written,
    "write a default out": write_default,
    "reorder": reorder,
    "rename": rename,
    "remove a device": remove_device,
    "add a device": add_device,
    "move a device": move_device,
    "device's version": device_version,
    "machine's version": machine_version,
    "machine's option": machine_option,
    "CPU feature": cpu_feature,
    "CPU count": cpu_count,
    "memory size": memory_size,
    "UUID": identity,
    "SMBIOS, fw_cfg, boot, clock": strings,
    "host": host_setting,
}
WEIGHTS = {"change a property": 6, "change a written property": 3, "write a default out": 3, "reorder": 2}
