"""What an IOMMU that says `auto` does with interrupts: it remaps them unless all of the interrupt
controllers are in the kernel.

Sources: `x86_iommu_realize` in hw/i386/x86-iommu.c and `vtd_decide_config` in
hw/i386/intel_iommu.c.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, UNKNOWN, Effective, effective
from machdesc.abi.machine_choice import accelerators

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`intremap` and `eim`: on or off."""
    if base.value != "auto":
        return base
    places = {_controllers(guest, accel) for accel in accelerators(guest)}
    if len(places) > 1:
        return base._replace(value=None, origin=UNKNOWN, detail="the accelerator that is there decides")
    place = places.pop()
    remaps = place != "on"
    if base.name == "eim":
        remaps = effective(guest, device, "intremap").value in ("on", True)
        value = remaps and (place != "off" or _is_buggy(guest, device))
    else:
        value = remaps
    where = {"on": "in the kernel", "split": "split", "off": "in QEMU"}[place]
    return base._replace(
        value="on" if value else "off", origin=DERIVED, detail=f"the interrupt controllers are {where}"
    )


def _is_buggy(guest: Guest, device: Device) -> bool:
    """`x-buggy-eim`, which machine types before 2.8 set."""
    known = device.type.properties(guest.release) if device.type is not None else {}
    return "x-buggy-eim" in known and effective(guest, device, "x-buggy-eim").value is True


def _controllers(guest: Guest, accel: str) -> str:
    """`kernel-irqchip`: on unless it is written, under KVM; off under others."""
    if accel != "kvm":
        return "off"
    machine = guest.description.one("machine")
    said = [*guest.description.host_all("accel"), *([machine] if machine is not None else [])]
    for statement in said:
        for item in statement.properties:
            if item.name == "kernel-irqchip":
                return str(getattr(item.value, "text", "on"))
    return "on"
