"""What `auto` is for the machine's own properties, by the release and the accelerator.

Sources: `pc_basic_device_init` in hw/i386/pc.c for vmport and pit (7.2: `pc_init1` in
hw/i386/pc_piix.c and `pc_q35_init` in hw/i386/pc_q35.c, which do not look at i8042);
`x86_machine_is_acpi_enabled` and `x86_machine_is_smm_enabled` in hw/i386/x86.c; `pc_init1` and
`pc_q35_init` for pic; `microvm_devices_init` in hw/i386/microvm.c; `smbios_get_tables` in
hw/smbios/smbios.c for the entry point.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, UNKNOWN, Effective
from machdesc.abi.topology import older, topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

_SMALL_SOCKETS = 256
_SMALL_MEMORY = 1 << 42
"""Sizes up to which SMBIOS's tables are sure to stay below 64 KiB, so that the old entry point does:
about 50 bytes and some text for each socket and for each 16 GiB of memory."""


_BELOW_4G = {"pc-q35": 1 << 32, "pc-i440fx": 0xE0000000}
"""Bytes; `pc_q35_init` and `pc_init1`."""


def choose(guest: Guest, base: Effective) -> Effective:
    """The value that QEMU chooses for `auto`, or for a limit of 0; anything else stays."""
    if base.name == "max-ram-below-4g" and base.value == 0 and guest.machine is not None:
        limit = _BELOW_4G.get(guest.machine.family)
        detail = f"what {guest.machine.family} has"
        return base if limit is None else base._replace(value=limit, origin=DERIVED, detail=detail)
    if base.value != "auto" or guest.machine is None:
        return base
    chosen = {_chosen(guest, base.name, accel) for accel in accelerators(guest)}
    if chosen == {""}:
        return base
    if len(chosen) > 1:
        return base._replace(value=None, origin=UNKNOWN, detail="the accelerator that is there decides")
    return base._replace(
        value=chosen.pop(), origin=DERIVED, detail=f"chosen by QEMU {guest.release}, as it is left at auto"
    )


def accelerators(guest: Guest) -> tuple[str, ...]:
    """The accelerators that QEMU may run the guest with, the preferred one first."""
    named = (statement.head for statement in guest.description.host_all("accel"))
    return tuple(head.text for head in named if head is not None) or ("tcg",)


def _chosen(guest: Guest, name: str, accel: str) -> str:
    """What is chosen under one accelerator; empty for what has no choice that is known."""
    assert guest.machine is not None
    if guest.machine.family == "microvm" and name in ("rtc", "pcie", "ioapic2"):
        without_acpi = _says(guest, "acpi") == "off"
        off = {"rtc": accel == "kvm", "pcie": True, "ioapic2": without_acpi}
        return "off" if off[name] else "on"
    if name == "vmport":
        looks = not older(guest.release, 9, 2)
        return "off" if accel == "xen" or (looks and _says(guest, "i8042") == "off") else "on"
    if name == "smm":
        return "on" if accel == "tcg" else "off" if accel != "kvm" else "on"
    if name == "pit":
        return "off" if accel == "xen" else "on"
    if name in ("acpi", "pic"):
        return "on"
    if name == "smbios-entry-point-type":
        return "32" if _is_small(guest) else ""
    return ""


def _says(guest: Guest, name: str) -> str:
    """What the machine's block says of a property, as text."""
    statement = guest.description.one("machine")
    for item in statement.properties if statement is not None else ():
        if item.name == name:
            return str(getattr(item.value, "text", ""))
    return ""


def _is_small(guest: Guest) -> bool:
    """Whether SMBIOS's tables are sure to fit the old entry point: few sockets, not much memory, and
    no tables of the user's own."""
    memory, sockets = guest.description.one("memory"), topology(guest)["sockets"].value
    size = getattr(memory.head, "value", 0) if memory is not None else 0
    plain = not guest.description.all("smbios")
    return plain and isinstance(sockets, int) and sockets <= _SMALL_SOCKETS and size <= _SMALL_MEMORY
