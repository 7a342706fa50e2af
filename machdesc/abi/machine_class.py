"""What a machine type decides by itself: no property and no compat property says it.

Sources: the `…_options` functions in hw/i386/pc_q35.c and hw/i386/pc_piix.c of 10.0, which set these
members of the machine's class, and the places named beside each line, which read them. What only a
saved state shows is left out: that loads under its own machine type alone.
"""

from __future__ import annotations

from machdesc.abi.machine_choice import accelerators
from machdesc.abi.standing import family_members, version_machine
from machdesc.catalog.version import is_numbered
from machdesc.record import Record
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machdesc.resolve.guest import Guest

_GIB = 1 << 30


class Decision(Record):
    """One decision: its member in QEMU, what it is in words, the last version that decides in the old
    way, both ways in words, and whether a guest meets it; a text that says why, when that cannot be known."""

    name: str
    what: str
    until: str
    old: str
    new: str
    meets: Callable[[Guest], bool | str]


def _always(guest: Guest) -> bool:
    del guest
    return True


def _memory(guest: Guest) -> tuple[int, int, int]:
    """The size of the memory and what it may grow to, in bytes, and the number of slots."""
    statement = guest.description.one("memory")
    if statement is None or not isinstance(statement.head, Number):
        return 0, 0, 0
    said = {i.name: int(i.value.value) for i in statement.properties if isinstance(i.value, Number)}
    size = int(statement.head.value)
    return size, said.get("max", size), said.get("slots", 0)


def _has_large_memory(guest: Guest) -> bool:
    return _memory(guest)[0] > 16 * _GIB


_AMD = ("qemu64", "phenom", "athlon", "Opteron_G", "EPYC")
"""How the names of the models of AMD's vendor begin (target/i386/cpu.c)."""


def _has_amd(guest: Guest) -> bool | str:
    """Whether the processor is AMD's. With KVM its vendor is that of the host's, whatever the model (see
    target/i386/host-cpu.c), so models of no vendor's own leave that open."""
    name = guest.cpu_name or "qemu64"
    if accelerators(guest)[0] == "tcg" and name != "host":
        return name.startswith((*_AMD, "max"))
    if name.startswith(("EPYC", "Opteron_G")):
        return True
    plain = name.startswith(("qemu", "kvm", "host", "max", "base"))
    return "the vendor of the host's processor decides" if plain else False


def _grows_without_slots(guest: Guest) -> bool:
    size, most, slots = _memory(guest)
    return most > size and not slots and not guest.description.all("numa")


def _grows_with_slots(guest: Guest) -> bool:
    return _memory(guest)[2] > 0 and not guest.description.all("numa")


def _grows(guest: Guest) -> bool:
    size, most, _ = _memory(guest)
    return most > size


def _boots_a_kernel(guest: Guest) -> bool:
    boot = guest.description.one("boot")
    return boot is not None and any(item.name == "kernel" for item in boot.properties)


def _has_disks(guest: Guest) -> bool:
    types = [device.type for device in guest.devices if device.type is not None]
    return any({"scsi-disk-base", "ide-device"} & set(type.parents(guest.release)) for type in types)


DECISIONS = (
    # hw/smbios/smbios.c, smbios_get_tables
    Decision(
        "smbios_memory_device_size",
        "the largest memory device in the SMBIOS tables",
        "9.0",
        "16 GiB",
        "2047 TiB",
        _has_large_memory,
    ),
    # hw/i386/pc.c, pc_memory_init
    Decision(
        "enforce_amd_1tb_hole",
        "the range below 1 TiB that is reserved with a processor of AMD's",
        "7.0",
        "none",
        "12 GiB at 0xfd00000000",
        _has_amd,
    ),
    # hw/i386/acpi-build.c, build_dsdt
    Decision("pci_root_uid", "the number of the PCI root in the ACPI tables", "5.1", "1", "0", _always),
    # hw/core/numa.c, numa_complete_configuration
    Decision(
        "auto_enable_numa_with_memdev",
        "a NUMA node for memory that may grow",
        "5.0",
        "none",
        "one",
        _grows_without_slots,
    ),
    # hw/i386/x86-common.c, x86_load_linux
    Decision("pvh_enabled", "how an ELF kernel is started", "3.1", "as Linux", "by PVH", _boots_a_kernel),
    # hw/core/numa.c, numa_complete_configuration
    Decision(
        "auto_enable_numa_with_memhp",
        "a NUMA node for memory that may be plugged",
        "2.10",
        "none",
        "one",
        _grows_with_slots,
    ),
    # hw/i386/acpi-build.c, build_dsdt
    Decision(
        "legacy_cpu_hotplug",
        "how the ACPI tables plug processors",
        "2.6",
        "in the old way",
        "in the new way",
        _always,
    ),
    # hw/i386/x86-common.c, x86_load_linux
    Decision(
        "fwcfg_dma_enabled", "the ROM that starts a kernel", "2.6", "without DMA", "by DMA", _boots_a_kernel
    ),
    # hw/nvram/fw_cfg.c, get_fw_cfg_order
    Decision(
        "legacy_fw_cfg_order",
        "the order of fw_cfg's files",
        "2.5",
        "that of their making",
        "by their names",
        _always,
    ),
    # hw/i386/pc.c, pc_memory_init
    Decision(
        "broken_reserved_end",
        "the end of the reserved memory",
        "2.4",
        "without what may be plugged",
        "with it",
        _grows,
    ),
    # util/osdep.c, qemu_hw_version
    Decision("hw_version", "the version that disks show", "2.4", "2.4.0", "2.5+", _has_disks),
)


def changed_decisions(old: Guest, new: Guest) -> list[tuple[Decision, bool, str]]:
    """What the machine types of two guests decide otherwise and the new one meets, whether the old one
    decides in the old way, and why it cannot be known whether it is met (empty: it is); nothing for types
    of two families, or that are not known."""
    if old.machine is None or new.machine is None or old.machine.family != new.machine.family:
        return []
    family = new.machine.family
    order = [name for name in family_members(new.catalog, family) if is_numbered(name)]
    if old.machine_name not in order or new.machine_name not in order:
        return []
    before, after = order.index(old.machine_name), order.index(new.machine_name)
    found = []
    for decision in DECISIONS:
        last = version_machine(family, decision.until)
        if last not in order:
            continue
        turn = order.index(last)
        if (before >= turn) != (after >= turn):
            meets = decision.meets(new)
            if meets:
                found.append((decision, before >= turn, meets if isinstance(meets, str) else ""))
    return found
