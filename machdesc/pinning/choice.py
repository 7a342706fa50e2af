"""Choices: what QEMU would choose for a device, the CPUs or the memory besides an address.

They are read off the effective values, so that what is written is what the guest has without it.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, effective
from machdesc.abi.processor import cpu_model
from machdesc.abi.topology import topology
from machdesc.syntax.format import quoted
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_COUNTED = ("num-queues", "num_queues", "vectors", "index")
"""Numbers of queues and vectors, and which of the usual ISA ports it is."""

_LEVELS = ("cpus", "maxcpus", "sockets", "cores", "threads")

RAM_SIZE = "128MiB"
"""The memory of a guest that says none: `default_ram_size` in hw/core/machine.c."""

_MODULES = ("pc-dimm", "nvdimm")


def device_choices(guest: Guest, device: Device) -> dict[str, str]:
    """Properties that QEMU would choose for a device, as their texts."""
    if device.type is None:
        return {}
    known = device.type.properties(guest.release)
    found = {}
    for name in _COUNTED:
        if name in known:
            value = effective(guest, device, name)
            if value.origin == DERIVED and isinstance(value.value, int):
                found[name] = str(value.value)
    if "mac" in known:
        mac = effective(guest, device, "mac")
        if mac.origin == DERIVED:
            found["mac"] = quoted(str(mac.value))
    return found


def memory_slots(guest: Guest) -> dict[int, str]:
    """The slots of memory modules that say none, by the number of the device: the first that are free
    (`pc_dimm_get_free_slot` in hw/mem/pc-dimm.c)."""
    modules = [(n, d) for n, d in enumerate(guest.devices) if d.type is not None and d.type.name in _MODULES]
    said = {n: i.value for n, d in modules for i in d.statement.properties if i.name == "slot"}
    used = {value.value for value in said.values() if isinstance(value, Number)}
    slots: dict[int, str] = {}
    for number, _ in modules:
        if number not in said:
            slot = next(slot for slot in range(len(modules) + len(used)) if slot not in used)
            used.add(slot)
            slots[number] = str(slot)
    return slots


def cpu_version(guest: Guest) -> tuple[str, str]:
    """The CPU model and its version, such as `Skylake-Server` and `v1`; the version is empty for a
    model that has none, both when the model is unknown."""
    value = cpu_model(guest).value
    if not isinstance(value, str):
        return "", ""
    model, dash, number = value.rpartition("-v")
    return (model, "v" + number) if dash and number.isdecimal() else (value, "")


def cpu_choices(guest: Guest) -> dict[str, str]:
    """The numbers of CPUs and of what groups them that are not written."""
    values = topology(guest)
    return {n: str(values[n].value) for n in _LEVELS if n in values and values[n].origin == DERIVED}


def ram_block(guest: Guest) -> str:
    """The id of the block of memory that QEMU would make; empty where the description has its own.

    QEMU names it after the machine type (`default_ram_id`), and the saved state holds that name.
    """
    description = guest.description
    memory = description.one("memory")
    if guest.machine is None or (memory is not None and any(i.name == "backend" for i in memory.properties)):
        return ""
    nodes = [i.name for s in description.all("numa") for i in s.properties]
    words = [
        getattr(word, "text", "")
        for s in description.host_all("arguments")
        if s.values is not None
        for word in s.values.items
    ]
    if "memdev" in nodes or "mem" in nodes or any(word.lstrip("-") == "mem-path" for word in words):
        return ""
    machine = description.one("machine")
    if machine is not None and any(item.name == "memory-backend" for item in machine.properties):
        return ""
    id = guest.machine.facts(guest.release).default_ram_id
    used = {s.id.text for s in (*description.statements, *description.host) if s.id is not None}
    return "" if id in used else id
