"""The machine of a running guest as statements: what is once, and the objects beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from machdesc.importing.argument import CommandLine, Tree
from machdesc.importing.build import Build
from machdesc.importing.implied import flash_drives
from machdesc.importing.text import statement
from machdesc.live.cpu_flag import read_flags
from machdesc.live.qom import Object
from machdesc.live.running import Running
from machdesc.model.merge import REPEATABLE_SMBIOS
from machdesc.resolve.block import TOPOLOGY
from machdesc.resolve.machine import machine_name
from machdesc.syntax.edit import id_text
from machdesc.syntax.format import quoted

_NAME = "imported"
"""What a guest without a name is called."""

_BOOT_FILES = ("kernel", "initrd", "append", "dtb", "firmware")
_DEFAULT_FIRMWARE = ("bios.bin", "bios-256k.bin", "bios-microvm.bin")

_RARE = ("dies", "clusters", "modules", "books", "drawers")
"""Levels of the topology that are told only where there is more than one."""

_VERSIONED = re.compile(r"-v\d+-\w+-cpu$").search

_QEMUS = ("chardev", "monitor")
"""What the types of objects begin with that QEMU makes for other options; seen in 11.1."""


def machine_statements(running: Running, command_line: CommandLine, build: Build) -> Iterator[str]:
    """`guest`, `machine`, `cpu` and `memory`."""
    uuid = "" if set(running.uuid) <= set("0-") else running.uuid
    properties: dict[str, Tree] = {"uuid": uuid} if uuid else {}
    yield statement(("guest", id_text(running.name or _NAME)), properties)
    yield machine_line(running, command_line, build)
    model, version, flags = _cpu(running, command_line, build)
    yield statement(("cpu", model, f"@ v{version}" if version else ""), {**_topology(running), **flags})
    yield statement(("memory", _size(running.ram)), _room(running, command_line))


def _room(running: Running, command_line: CommandLine) -> dict[str, Tree]:
    """The memory that there may be later; without slots only the command line tells how much (machine_get_mem
    in hw/core/machine.c of 7.2 and 10.0)."""
    told = running.machine.get("memory")
    if told is not None and isinstance(told.value, dict) and told.value.get("slots"):
        return {"slots": told.value["slots"], "max": _size(told.value["max-size"])}
    said = str(command_line.together("m").get("maxmem", "")).upper()
    return {"slots": 0, "max": f"{said}MiB" if said.isdecimal() else said} if said else {}


def machine_line(running: Running, command_line: CommandLine, build: Build) -> str:
    """`machine`, with what it names."""
    name = running.machine_type
    known = build.catalog.machine(name)
    family = known.family if known is not None else name
    version = name.removeprefix(f"{family}-") if name != family else ""
    words = [w for w in ("q35", "pc", family) if machine_name(build.catalog, w, version) == name]
    return statement(
        ("machine", words[0] if version and words else name, f"@ {version}" if version and words else ""),
        dict(_references(running, command_line, build)),
    )


def object_statements(running: Running, command_line: CommandLine, build: Build) -> Iterator[str]:
    """Those of `-object` and `object_add`; `secret` objects without their data."""
    default = _default_ram(running, build)
    for id, told in running.objects.items():
        said = command_line.one("object", id)
        type = said.first if said is not None else str(told["type"].value)
        if said is not None:
            properties = {key: value for key, value in said.properties.items() if key != "id"}
            yield statement(("object", type, id_text(id)), properties)
        elif id != default and build.catalog.object(type) is not None and not type.startswith(_QEMUS):
            yield statement(("object", type, id_text(id)), dict(_object_values(type, told, build)))


def numa_statements(command_line: CommandLine) -> Iterator[str]:
    """`numa`"""
    for argument in command_line.all("numa"):
        yield statement(("numa", argument.first), dict(argument.properties))


def firmware_statements(running: Running, command_line: CommandLine) -> Iterator[str]:
    """What the guest boots, and what its firmware shows of it."""
    boot: dict[str, Tree] = {}
    for name in _BOOT_FILES:
        told = running.machine.get(name)
        value = str(told.value) if told is not None else ""
        if value and not (name == "firmware" and value in _DEFAULT_FIRMWARE):
            boot[name] = value
    boot |= command_line.together("boot")
    if boot:
        yield statement(("boot",), boot)
    if command_line.all("rtc"):
        yield statement(("rtc",), command_line.together("rtc"))
    for type, properties in _smbios(command_line):
        yield statement(("smbios", type), properties)
    for argument in command_line.all("fw_cfg"):
        properties = dict(argument.properties)
        name = str(properties.pop("name", ""))
        yield statement(("fw_cfg", quoted(name)), properties)


def global_statements(running: Running, command_line: CommandLine) -> Iterator[str]:
    """`global`, of each type once; those of the CPU's own type are flags of `cpu`, which may name another
    version of the model."""
    drivers = dict.fromkeys(driver for driver, _, _ in _globals(command_line))
    for driver in drivers:
        if driver != _cpu_type(running):
            values = {name: value for of, name, value in _globals(command_line) if of == driver}
            yield statement(("global", driver), values)


def _globals(command_line: CommandLine) -> Iterator[tuple[str, str, Tree]]:
    for argument in command_line.all("global"):
        driver, name, value = map(argument.properties.get, ("driver", "property", "value"))
        if driver and name and value is not None:
            yield str(driver), str(name), value


def _smbios(command_line: CommandLine) -> Iterator[tuple[str, dict[str, Tree]]]:
    """Type and properties of each table; of most types there is one, in which a later option's keys count."""
    found: dict[str, dict[str, Tree]] = {}
    for argument in command_line.all("smbios"):
        properties = dict(argument.properties)
        type = str(properties.pop("type", "0"))
        if type in REPEATABLE_SMBIOS:
            yield type, properties
        elif "file" not in properties:
            found.setdefault(type, {}).update(properties)
    yield from found.items()


def _references(running: Running, command_line: CommandLine, build: Build) -> Iterator[tuple[str, Tree]]:
    said = flash_drives(command_line)  # which -machine must not name again
    for name in ("pflash0", "pflash1"):
        told = running.machine.get(name)
        if told is not None and isinstance(told.value, str) and told.value and told.value not in said:
            yield name, told.value
    memory = running.machine.get("memory-backend")
    default = _default_ram(running, build)
    if memory is not None and str(memory.value).startswith("/objects/"):
        id = str(memory.value).rpartition("/")[2]
        if id != default or command_line.one("object", id) is not None:
            yield "memory-backend", id


def _cpu_flags(command_line: CommandLine, build: Build) -> dict[str, Tree]:
    """The properties that `-cpu` gives; the last one counts."""
    schema = build.catalog.cpu_schema()
    known = schema.properties(build.release) if schema is not None else {}
    texts = [word for argument in command_line.all("cpu")[-1:] for word in ("-cpu", argument.text)]
    return dict(read_flags(texts, known))


def _cpu_type(running: Running) -> str:
    return running.cpus[0].type if running.cpus else ""


def _cpu(running: Running, command_line: CommandLine, build: Build) -> tuple[str, str, dict[str, Tree]]:
    """Model, version, and the flags that the command line gives; those of `-cpu` come last."""
    name = _cpu_type(running).removesuffix(f"-{running.arch}-cpu")
    base, dash, version = name.rpartition("-v")
    known = build.catalog.cpu_model(name, build.release)
    if not (dash and version.isdecimal()):
        alias = known.alias_of if known is not None else ""
        base, version = (name, alias.rpartition("-v")[2]) if alias.startswith(f"{name}-v") else (name, "")
        if running.machine_type == "microvm":
            base, version = name, ""
    return base, version, {**_type_values(running, command_line, build), **_cpu_flags(command_line, build)}


def _type_values(running: Running, command_line: CommandLine, build: Build) -> dict[str, Tree]:
    """What the machine type and `-global` set of the CPU's very type, which is not that of a model's version:
    `qemu64-x86_64-cpu` has another family before pc-q35-6.0, `qemu64-v1-x86_64-cpu` has not."""
    type = _cpu_type(running)
    compat = {
        t
        for release in build.catalog.releases
        for t in build.catalog.compat(running.machine_type, release) or ()
    }
    names = sorted({name for of, name, _ in compat if of == type and not _VERSIONED(type)})
    told = running.cpus[0].properties if running.cpus else {}
    of_type = ((name, told[name].value) for name in names if name in told)
    said = [(name, value) for of, name, value in _globals(command_line) if of == type]
    return {**{name: value for name, value in of_type if isinstance(value, (bool, int, str))}, **dict(said)}


def unwritten_processors(running: Running) -> Iterator[str]:
    """A sentence if processors were plugged in where no number of them says that they are."""
    count, total = len(running.cpus) - running.leading_cpus, len(running.cpus)
    if count:
        yield (
            f"cpu: {count} of {total} processors stand behind places that are empty, and are not carried "
            "over: `cpus` fills the first places. Plug them in again"
        )


def _topology(running: Running) -> dict[str, Tree]:
    """The numbers of processors; among them those that were plugged into the next places, as if they had been
    there from the start."""
    cpus = running.leading_cpus
    told = running.machine.get("smp")
    if told is None or not isinstance(told.value, dict):
        return {"cpus": cpus, "maxcpus": len(running.cpu_slots) or cpus}
    value = {**told.value, "cpus": cpus}
    levels = [level for level in TOPOLOGY if level in value]
    return {level: value[level] for level in levels if level not in _RARE or value[level] != 1}


def _object_values(type: str, told: Object, build: Build) -> Iterator[tuple[str, Tree]]:
    schema = build.catalog.object(type)
    known = schema.properties(build.release) if schema is not None else {}
    for name, property in known.items():
        value = told[name].value if name in told else None
        if isinstance(value, (bool, int, str)) and value not in ("", property.default):
            yield name, value


def _default_ram(running: Running, build: Build) -> str:
    """The id of the memory that the machine makes by itself."""
    known = build.catalog.machine(running.machine_type)
    return known.facts(build.release).default_ram_id if known is not None else ""


def _size(number: int) -> str:
    """Bytes with the largest unit that leaves no rest."""
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if number and number % (1 << power) == 0:
            return f"{number >> power}{unit}"
    return f"{number}B"
