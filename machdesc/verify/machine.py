"""The machine: its type and properties, processors, memory, objects and the guest's UUID."""

from __future__ import annotations

from machdesc.abi.effective import DEFAULT, WRITTEN, Effective
from machdesc.abi.machine import machine_values
from machdesc.abi.processor import HOST_MODELS, cpu_model, cpu_values
from machdesc.abi.shown import plain
from machdesc.abi.topology import topology
from machdesc.backend.option import BOOT_FILES
from machdesc.hints.match import FLASH, flash_drives
from machdesc.hints.processor import is_model, model_name
from machdesc.live.qom import Object, Told
from machdesc.live.running import Running
from machdesc.resolve.guest import Guest
from machdesc.schema.validate import json_value
from machdesc.syntax.tree import Number, String, Word
from machdesc.verify.finding import Findings, span_of, text

_USB = "usb"
_SMP, _MEMORY = "smp", "memory"
"""Properties of the machine that hold several numbers, since 6.1 and 7.1."""


def compare_machine(guest: Guest, running: Running, emulated: bool, findings: Findings) -> None:
    """Adds what differs. `emulated` says that the processor is TCG's whatever the description says."""
    span = span_of(guest, "machine")
    if guest.machine_name != running.machine_type:
        message = f"the machine type is `{guest.machine_name}`, and QEMU runs `{running.machine_type}`"
        findings.differ("machine-differs", message, span, "write the machine and version that is meant")
    booted, flash = _booted(guest), flash_drives(guest)
    for value in {**machine_values(guest), **booted}.values():
        if value.name in (_SMP, _MEMORY, "accel", "type"):
            continue
        if emulated and value.name in booted:
            findings.passed.append(f"boot.{value.name}: a file of the host, which may have been left out")
            continue
        if emulated and value.name in ("confidential-guest-support", "memory-encryption"):
            continue
        if value.name == "memory-backend" and not value.value:
            findings.passed.append("machine.memory-backend: QEMU makes one by itself")
            continue
        if value.name in FLASH and value.origin != WRITTEN and _shown(running, value.name) in flash:
            findings.passed.append(f"machine.{value.name}: a drive in `host` is this flash")
            continue
        if value.name == _USB and value.origin != WRITTEN and _is_on(running.machine.get(_USB)):
            findings.passed.append(
                "machine.usb: the controllers that it brings along are devices of their own"
            )
            continue
        findings.compare("machine", "machine", value, running.machine, value.name, span)
    _compare_processors(guest, running, emulated, findings)
    _compare_memory(guest, running, findings)
    _compare_uuid(guest, running, findings)


def _shown(running: Running, name: str) -> object:
    """The value of a property of the machine; None where it has none."""
    told = running.machine.get(name)
    return told.value if told is not None else None


def _is_on(told: Told | None) -> bool:
    return told is not None and told.value is True


def compare_objects(guest: Guest, running: Running, replaced: frozenset[str], findings: Findings) -> None:
    """Adds what differs of objects that the guest is promised: those outside `host`. `replaced` are ids of
    those that were left out, or that others stand in for."""
    for statement in guest.description.all("object"):
        if statement.id is None or statement.head is None:
            continue
        id, span = statement.id.text, statement.id.span
        shown = running.objects.get(id)
        if id in replaced:
            findings.passed.append(f"object {id}: left out or replaced, since it needs the host")
            continue
        if shown is None:
            help = "start QEMU with what `machdesc compile` prints, or remove the object from the file"
            findings.differ("object-missing", f"QEMU has no object `{id}`", span, help)
            continue
        type = statement.head.text
        if str(shown["type"].value) != type:
            message = f"`{id}` is a `{type}`, and QEMU has a `{shown['type'].value}`"
            findings.differ("type-differs", message, span, "write the type that is meant")
        known = guest.catalog.object(type)
        properties = known.properties(guest.release) if known is not None else {}
        for item in statement.properties:
            value = json_value(properties.get(item.name), item.value)
            written = Effective(item.name, value, WRITTEN, "on the object", item.span)
            findings.compare(id, type, written, shown, item.name, span)


def _booted(guest: Guest) -> dict[str, Effective]:
    """What `boot` says that are properties of the machine: files, and what a kernel is told."""
    statement = guest.description.one("boot")
    return {
        item.name: Effective(item.name, item.value.text, WRITTEN, "in `boot`", item.span)
        for item in (statement.properties if statement is not None else ())
        if item.name in BOOT_FILES and isinstance(item.value, (String, Word))
    }


def _compare_processors(guest: Guest, running: Running, emulated: bool, findings: Findings) -> None:
    span = span_of(guest, "cpu")
    shown_topology = {name: Told("int", number) for name, number in running.topology.items()}
    for value in topology(guest).values():
        findings.compare("cpu", "cpu", value, shown_topology, value.name, span)
    if running.leading_cpus < len(running.cpus):
        message = "processors were plugged in behind places that are empty, which no description says"
        findings.differ("cpus-elsewhere", message, span, "plug in those between, or take these out")
    if not running.cpus:
        return
    first = running.cpus[0]
    model = cpu_model(guest)
    if emulated and str(model.value) in HOST_MODELS:
        findings.passed.append(f"cpu.model: {model.value} is shown by the emulator's `max`")
        return
    shown = model_name(guest, first.type)
    if not is_model(guest, shown):
        message = f"the CPU model is `{model.value}` ({model.detail}), and QEMU runs `{shown}`"
        findings.differ(
            "cpu-differs", message, model.span or span, "write the model and version that is meant"
        )
        return
    lacking = _unavailable(first.properties)
    for value in cpu_values(guest).values():
        if value.name in lacking and value.origin == WRITTEN and plain(value.value) is False:
            message = f"cpu: `{value.name}` is off, and QEMU was asked for it"
            findings.differ("value-differs", message, value.span or span, "write what is meant")
        elif value.name in lacking:
            findings.passed.append(f"cpu.{value.name}: the accelerator here cannot do it")
        elif value.origin == DEFAULT:
            findings.passed.append(f"cpu.{value.name}: the CPU model, or the machine, decides it")
        else:
            findings.compare("cpu", "cpu", value, first.properties, value.name, span)


def _unavailable(properties: Object) -> frozenset[str]:
    """Features that were asked for and that the accelerator cannot do; QEMU turns them off."""
    told = properties.get("unavailable-features")
    return (
        frozenset(map(str, told.value)) if told is not None and isinstance(told.value, list) else frozenset()
    )


def _compare_memory(guest: Guest, running: Running, findings: Findings) -> None:
    statement = guest.description.one("memory")
    if statement is None:
        return
    span = span_of(guest, "memory")
    size = statement.head.value if isinstance(statement.head, Number) else None
    findings.values += 1
    if size is not None and size != running.ram:
        message = f"the memory is {size} bytes, and QEMU has {running.ram}"
        findings.differ("memory-differs", message, span, "write the size that is meant")
    if "max" not in running.memory and any(item.name == "max" for item in statement.properties):
        findings.passed.append("memory.max: QEMU tells it only where there are slots")
    for item in statement.properties:
        if item.name in running.memory and isinstance(item.value, Number):
            findings.values += 1
            shown = running.memory[item.name]
            if item.value.value != shown:
                message = f"memory: `{item.name}` is {text(item.value.value)}, QEMU shows {shown}"
                findings.differ("value-differs", message, item.span, "write what is meant")


def _compare_uuid(guest: Guest, running: Running, findings: Findings) -> None:
    statement = guest.description.one("guest")
    for item in statement.properties if statement is not None else ():
        if item.name == "uuid" and isinstance(item.value, (String, Word)):
            findings.values += 1
            if item.value.text.lower() != running.uuid.lower():
                message = f"the UUID is {item.value.text}, and QEMU shows {running.uuid}"
                findings.differ("value-differs", message, item.span, "write the UUID that the guest knows")
