"""Checks of CPUs and memory: a topology that does not multiply out, memory that does not fit.

The rules are QEMU's own: `machine_parse_smp_config` in hw/core/machine-smp.c, `qemu_maxmem`
handling in system/vl.c, `pc_get_device_memory_range` in hw/i386/pc.c.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.resolve.block import TOPOLOGY
from machdesc.resolve.guest import Guest
from machdesc.syntax.tree import Number, Property, Statement
from machdesc.syntax.value import meant_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

_PARTS = tuple(name for name in TOPOLOGY if name not in ("cpus", "maxcpus"))


MOST_SLOTS = 256
"""Slots that a PC has for memory modules (hw/acpi/memory_hotplug.h, ACPI_MAX_RAM_SLOTS)."""

_FAR = 1 << 39
"""Memory from which on its reach matters, in bytes: CPUs have 40 bits where nothing is said."""


def check_topology(guest: Guest) -> list[Diagnostic]:
    """What is wrong with the numbers of CPUs."""
    statement = guest.description.one("cpu")
    if statement is None:
        return []
    diagnostics: list[Diagnostic] = []
    numbers: dict[str, tuple[int, Property]] = {}
    for item in statement.properties:
        if item.name in TOPOLOGY:
            if isinstance(item.value, Number) and isinstance(item.value.value, int) and item.value.value > 0:
                numbers[item.name] = item.value.value, item
            else:
                diagnostics.append(
                    error("wrong-type", f"`{item.name}` is a number of CPUs", item.value.span, "1 or more")
                )
    if diagnostics:
        return diagnostics
    parts = [name for name in _PARTS if name in numbers]
    product = 1
    for name in parts:
        product *= numbers[name][0]
    cpus = numbers.get("cpus")
    largest = numbers.get("maxcpus") or cpus
    if largest is not None:
        maximum, item = largest
        spelled = " × ".join(f"{name} {numbers[name][0]}" for name in parts)
        whole = "sockets" in numbers and "cores" in numbers and "threads" in numbers
        if parts and (maximum % product or (whole and maximum != product)):
            diagnostics.append(
                error(
                    "topology",
                    f"{spelled} is {product}, and `{item.name}` is {maximum}",
                    item.value.span,
                    f"{item.name} {product}",
                    "make the product of the topology the number of CPUs (`maxcpus`, or else `cpus`)",
                )
            )
        if cpus is not None and cpus[0] > maximum:
            diagnostics.append(
                error("topology", f"`cpus` {cpus[0]} is more than `maxcpus` {maximum}", cpus[1].value.span)
            )
        if guest.machine is not None:
            limit = guest.machine.facts(guest.release).cpu_max
            if limit and maximum > limit:
                diagnostics.append(
                    error(
                        "too-many-cpus",
                        f"`{guest.machine_name}` holds at most {limit} CPUs",
                        item.value.span,
                        f"1 to {limit}",
                    )
                )
    return diagnostics


def check_memory(guest: Guest) -> list[Diagnostic]:
    """What is wrong with the sizes of memory."""
    statement = guest.description.one("memory")
    if statement is None or not isinstance(statement.head, Number):
        return []
    size, span = statement.head.value, statement.head.span
    if not isinstance(size, int) or size <= 0:
        return [error("memory-size", "a size of memory is a whole number of bytes above 0", span)]
    if not statement.head.unit:
        return [
            error(
                "memory-unit",
                f"`{statement.head.text}` has no unit, and would be bytes",
                span,
                "K, M, G, T, KiB, MiB, GiB, TiB",
                f"write `memory {statement.head.text}MiB` or `{statement.head.text}GiB`",
            )
        ]
    diagnostics: list[Diagnostic] = []
    for item in statement.properties:
        if item.name in ("slots", "max"):
            diagnostics += _check_number(item)
    slots, maximum = _number(statement, "slots"), _number(statement, "max")
    largest = size
    if slots is not None and maximum is None:
        # The other way is fine: a virtio-mem needs room, but no slot (tried on 5.2, 7.2 and 11.1).
        diagnostics.append(error("memory-slots", "`slots` without `max`", span, "", "write `max` too"))
    if maximum is not None:
        largest = max(size, maximum)
        if maximum < size:
            diagnostics.append(
                error("memory-max", "`max` is below the size that the guest starts with", span)
            )
        elif slots and maximum == size:
            diagnostics.append(error("memory-max", "`slots` leave no room: `max` is the size", span))
    cpu = guest.description.one("cpu")
    if largest >= _FAR or (cpu is not None and _property(cpu, "phys-bits") is not None):
        from machdesc.resolve.reach import check_reach

        diagnostics += check_reach(guest, size, largest, slots or 0, span)
    diagnostics += _check_backend(guest, statement, size)
    diagnostics += _check_nodes(guest, size)
    diagnostics += _check_modules(guest, slots or 0, (maximum or size) - size)
    return diagnostics


def _check_number(item: Property) -> list[Diagnostic]:
    """What is no number of slots, and no size."""
    value = item.value
    slots = item.name == "slots"
    if isinstance(value, Number) and isinstance(value.value, int) and value.value >= 0:
        if not slots or value.value <= MOST_SLOTS:
            return []
        message = f"QEMU has at most {MOST_SLOTS} slots for memory"
        return [error("memory-slots", message, value.span, f"0 to {MOST_SLOTS}")]
    size = meant_size(getattr(value, "text", ""))
    allowed = f"0 to {MOST_SLOTS}" if slots else "a size, such as 16GiB"
    help = f"write `max {size}`" if size and not slots else ""
    return [error("wrong-type", f"`{item.name}` is a number", value.span, allowed, help)]


def _property(statement: Statement, name: str) -> Property | None:
    return next((item for item in statement.properties if item.name == name), None)


def _number(statement: Statement, name: str) -> int | None:
    item = _property(statement, name)
    return int(item.value.value) if item is not None and isinstance(item.value, Number) else None


def _text(statement: Statement, name: str) -> str:
    item = _property(statement, name)
    return str(getattr(item.value, "text", "")) if item is not None else ""


def _backends(guest: Guest) -> dict[str, tuple[int, Statement]]:
    """Memory objects with their sizes in bytes, by id."""
    found = {}
    for statement in (*guest.description.all("object"), *guest.description.host_all("object")):
        size = _number(statement, "size")
        if statement.id is not None and size is not None:
            found[statement.id.text] = size, statement
    return found


def _check_backend(guest: Guest, statement: Statement, size: int) -> list[Diagnostic]:
    """A memory object that is the guest's memory has its size (hw/core/machine.c: does not match)."""
    item = _property(statement, "backend")
    found = _backends(guest).get(str(getattr(item.value, "text", ""))) if item is not None else None
    # QEMU rounds the memory's size up to whole blocks of 8 KiB (system/vl.c, set_memory_options).
    if item is None or found is None or found[0] in (size, -(-size // 8192) * 8192):
        return []
    message = f"the guest has {size} bytes of memory, and this object has {found[0]}"
    return [error("memory-size", message, item.value.span, f"an object of {size} bytes")]


def _check_nodes(guest: Guest, size: int) -> list[Diagnostic]:
    """NUMA nodes with memory of their own must add up to the guest's memory."""
    backends = _backends(guest)
    nodes = [s for s in guest.description.all("numa") if s.head is not None and s.head.text == "node"]
    named = [s for s in nodes if _text(s, "memdev")]
    if not named or any(_text(s, "memdev") not in backends for s in named):
        return []
    total = sum(backends[_text(s, "memdev")][0] for s in named)
    if total == size:
        return []
    return [
        error(
            "numa-memory",
            f"the NUMA nodes have {total} bytes of memory, the guest has {size}",
            named[0].span,
            f"{size} bytes in all",
        )
    ]


def _check_modules(guest: Guest, slots: int, room: int) -> list[Diagnostic]:
    """Plugged memory modules need a slot each, and room below `max`."""
    backends = _backends(guest)
    modules = [
        d
        for d in guest.devices
        if d.type is not None and d.type.name in ("pc-dimm", "nvdimm", "virtio-pmem-pci", "virtio-mem-pci")
    ]
    if not modules:
        return []
    in_slots = [d for d in modules if d.type is not None and "dimm" in d.type.name]
    total = sum(backends[name][0] for d in modules if (name := _text(d.statement, "memdev")) in backends)
    if len(in_slots) > slots or total > room:
        span = modules[-1].statement.keyword_span
        return [
            error(
                "memory-slots",
                f"{len(in_slots)} memory modules and {total} bytes plugged, "
                f"but {slots} slots and {room} bytes of room",
                span,
                "",
                "raise `slots` and `max` in `memory`",
            )
        ]
    return []
