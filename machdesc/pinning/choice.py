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
    slot = 0
    for number, _ in modules:
        if number not in said:
            while slot in used:
                slot += 1
            slots[number] = str(slot)
            slot += 1
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
