"""On board: the devices that a machine brings along, by type.

Its PCI functions are told by the catalog, for each machine type. The others are listed here, as
`info qom-tree` shows them in QEMU 5.2, 7.2, 10.0 and 11.1 with `-nodefaults`.
"""

from __future__ import annotations

from machdesc.abi.change import standing_changes
from machdesc.abi.machine_choice import accelerators

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.abi.standing import Standing
    from machdesc.resolve.guest import Guest

_PC = (
    *("apic", "fw_cfg_io", "hpet", "i8042", "i8257", "ioapic", "isa-i8259", "isa-pcspk", "isa-pit"),
    *("kvmvapic", "mc146818rtc", "port92", "ps2-kbd", "ps2-mouse", "smbus-eeprom", "vmmouse", "vmport"),
)
_MICROVM = (
    *("acpi-ged", "acpi-ged-x86", "fw_cfg_io", "gpex-pcihost", "gpex-root", "ioapic", "isa-i8259", "isa-pit"),
    *("isa-serial", "isabus-bridge", "kvmvapic", "mc146818rtc", "sysbus-xhci", "virtio-mmio"),
)
OTHERS = {
    "pc-q35": (*_PC, "q35-pcihost"),
    "pc-i440fx": (*_PC, "i440FX-pcihost", "isa-fdc"),
    "microvm": _MICROVM,
}
"""Family of machine types -> the types of its own devices that have no PCI address."""

_PARTS = (
    *("apic", "gpex-root", "i440FX", "i8257", "ioapic", "kvm-apic", "mc146818rtc", "mch", "ps2-kbd"),
    "ps2-mouse",
)
"""Those that are parts of others of them."""

_WITH_KVM = {"apic": "kvm-apic", "ioapic": "kvm-ioapic", "isa-i8259": "kvm-i8259", "isa-pit": "kvm-pit"}
"""What stands in their place where KVM emulates the interrupt controllers (hw/i386/kvm)."""


def own_changes(type: str, old: Standing, new: Standing) -> tuple[str, ...]:
    """The properties of one of a machine's own devices that two standings set otherwise, but for those of
    a part that is one of its own devices itself, such as the `mch` of `q35-pcihost`."""
    return tuple(name for name in standing_changes(type, old, new) if name.partition(".")[0] not in _PARTS)


def own_types_of_any(guest: Guest) -> frozenset[str]:
    """The types of all devices that a guest's machine may bring along, whatever accelerates it."""
    own = own_types(guest)
    return frozenset((*own, *(_WITH_KVM.get(type, type) for type in own), *_without_kvm(own)))


def _without_kvm(types: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(type for type, other in _WITH_KVM.items() if other in types)


def own_types(guest: Guest) -> tuple[str, ...]:
    """The types of all devices that a guest's machine brings along, each once."""
    if guest.machine is None:
        return ()
    others = OTHERS.get(guest.machine.family, ())
    if accelerators(guest)[0] == "kvm":
        others = tuple(_WITH_KVM.get(type, type) for type in others)
    return tuple(sorted({*guest.machine.facts(guest.release).builtin.values(), *others}))
