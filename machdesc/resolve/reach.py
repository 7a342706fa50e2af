"""Reach: whether the CPU's physical addresses reach all of a guest's memory, and what QEMU puts behind it.

The sources are hw/i386/pc.c (pc_memory_init, pc_max_used_gpa, pc_get_device_memory_range), pc_q35.c and
pc_piix.c (the split at 4 GiB) and hw/pci-host (the hole). Tried on 7.2.22 with `phys-bits` 40: an
Intel model takes 990 GiB on q35 and 1021 on i440fx, an AMD one 978 and 1009, since those have
a hole of their own below 1 TiB, of which nothing is said here.
"""

from __future__ import annotations

from machdesc.catalog.version import version_key
from machdesc.diagnostic import Diagnostic, error, warning
from machdesc.resolve.guest import Guest
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Property, Span, Statement

GIB = 1 << 30

PHYS_BITS = 40
"""Bits of a guest's physical address space unless the CPU model says otherwise: TCG's default, and
KVM's too where the host's are not asked for (target/i386/cpu.h, TCG_PHYS_ADDR_BITS)."""

_BOUNDED_SINCE = "7.1"
"""The first release that refuses memory above these bits (hw/i386/pc.c, `pc_max_used_gpa`: "phys-bits
too low"): 7.2, 10.0 and 11.1 do, 5.2 starts a guest that cannot reach all of its memory."""

_FEWEST_BITS = 32
_MOST_BITS = (("11.0", 63), ("0", 52))
"""What `phys-bits` may be, from a release on (target/i386/cpu.c, x86_cpu_realizefn, to 10.2; 11.1 takes
more than 52, and from 64 on its own addresses wrap)."""

_NARROW = frozenset(
    ("486", "athlon", "base", "coreduo", "kvm32", "n270", "pentium", "pentium2", "pentium3", "qemu32")
)
"""CPU models without long mode (`lm` in query-cpu-model-expansion of 7.2, 10.0 and 11.1): they have 32 or
36 bits, and what is refused with them depends on the machine type."""

_LOW_AND_HOLE = {"pc-q35": (2 * GIB, 32 * GIB), "pc-i440fx": (3 * GIB, 2 * GIB)}
"""By family, how much of a large memory lies below 4 GiB, and how large the hole for PCI behind it is."""


def check_reach(guest: Guest, size: int, largest: int, slots: int, span: Span) -> list[Diagnostic]:
    """Memory that does not fit into the CPU's physical address space, or no such space.

    `size` is the memory at the start in bytes, `largest` that with all that can be plugged in
    `slots`. Codes: phys-bits, memory-too-large.
    """
    statement = guest.description.one("cpu")
    written = _property(statement, "phys-bits")
    release = version_key(guest.release)
    asked_for = 0
    if written is not None and isinstance(written.value, Number):
        asked_for = int(written.value.value)
        most = next(bits for since, bits in _MOST_BITS if release >= version_key(since))
        if asked_for and not _FEWEST_BITS <= asked_for <= most:
            allowed = f"{_FEWEST_BITS} to {most}, or 0 for QEMU's own"
            message = f"QEMU {guest.release} takes no CPU with {asked_for} bits of physical address"
            return [error("phys-bits", message, written.value.span, allowed)]
    bits = asked_for or PHYS_BITS
    needed = _highest(guest, size, largest, slots)
    if _host_decides(guest, statement) or needed <= 1 << bits:
        return []
    behind = f", with {_in_gib(needed - largest)} GiB that QEMU needs besides," if needed > largest else ""
    most = (1 << bits) - (needed - largest)
    refused = release >= version_key(_BOUNDED_SINCE)
    return [
        (error if refused else warning)(
            "memory-too-large",
            f"{_in_gib(largest)} GiB{behind} do not fit into the CPU's {bits} bits of physical address",
            span,
            f"at most {most // GIB} GiB",
            "raise `phys-bits` in the `cpu` block",
        )
    ]


def _in_gib(size: int) -> int:
    return -(-size // GIB)


def _highest(guest: Guest, size: int, largest: int, slots: int) -> int:
    """The first address behind all that a guest uses, as far as it is told by the description."""
    machine = guest.description.one("machine")
    family = guest.machine.family if guest.machine is not None else ""
    moved = any(
        item.name == "pci-hole64-size" for s in guest.description.all("global") for item in s.properties
    )
    if family not in _LOW_AND_HOLE or moved or _property(machine, "max-ram-below-4g") is not None:
        return largest
    low, hole = _LOW_AND_HOLE[family]
    if size <= 4 * GIB:
        return largest
    end = 4 * GIB + size - low
    if largest > size:
        # Each slot may need a gibibyte to begin at one.
        end = _in_gib(end) * GIB + largest - size + slots * GIB
    return _in_gib(end) * GIB + hole


def _host_decides(guest: Guest, statement: Statement | None) -> bool:
    """Whether the CPU has the host's bits, at least under KVM: where that is said, with `host` and `max`
    (target/i386/host-cpu.c), and on a microvm (hw/i386/microvm.c, microvm_device_pre_plug_cb)."""
    if guest.machine is not None and guest.machine.family == "microvm":
        return True
    if statement is None:
        return False
    item = _property(statement, "host-phys-bits")
    said = getattr(item.value, "text", "") if item is not None else ""
    model = statement.head.text if statement.head is not None else ""
    return said == "on" or model in _NARROW or (model in ("host", "max") and said != "off")


def _property(statement: Statement | None, name: str) -> Property | None:
    properties = statement.properties if statement is not None else ()
    return next((item for item in properties if item.name == name), None)
