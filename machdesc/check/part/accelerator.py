"""The accelerator: which one it is, and what of its settings the guest sees."""

from __future__ import annotations

from machdesc.check.difference import Difference, differ
from machdesc.check.part.value import heading, properties_of, same_text, same_value, written_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property, Statement

_SEEN = (
    "kernel-irqchip",
    "xen-version",
    "xen-gnttab-max-frames",
    "xen-evtchn-max-pirq",
    "igd-passthru",
    "honor-guest-pat",
)
"""What the guest sees; the rest is how the host does its work (`-accel` in qemu-options.hx; the properties
for Xen in target/i386/kvm/kvm.c and accel/xen/xen-all.c; there also how a guest's PAT is taken).

KVM's own interrupt controllers have other registers than QEMU's: the version of the I/O APIC is 0x11
in Linux (arch/x86/kvm/ioapic.h), 0x20 in QEMU (hw/intc/ioapic.c).
"""

_SPLIT = ("pc-q35-4.0", "microvm")
"""Machine types whose interrupt controllers are split between both where nothing is written
(default_kernel_irqchip_split in hw/i386/pc_q35.c and microvm.c)."""


def compare_accelerator(old: Guest, new: Guest) -> Iterable[Difference]:
    """All that differs in the first accelerator."""
    mine, theirs = _first(old), _first(new)
    if same_text(mine, theirs) and old.machine_name == new.machine_name:
        return
    kinds = [side.head.text if side is not None and side.head is not None else "" for side in (mine, theirs)]
    if kinds[0] != kinds[1]:
        doubt = "it decides which processor features a guest can have"
        yield differ("accelerator", "cpu", "the accelerator", kinds, (heading(mine), heading(theirs)), doubt)
        return
    before, after = properties_of(mine), properties_of(theirs)
    for name in _SEEN:
        items = before.get(name), after.get(name)
        texts = [_value(guest, name, item) for guest, item in ((old, items[0]), (new, items[1]))]
        if kinds[0] and (items[0] or items[1]) and not same_value(*texts):
            spans = [item.span if item else heading(s) for item, s in zip(items, (mine, theirs), strict=True)]
            yield differ("accelerator", "cpu", f"`{name}` of {kinds[0]}", texts, spans, "", "accel", name)


def _first(guest: Guest) -> Statement | None:
    return next(iter(guest.description.host_all("accel")), None)


def _value(guest: Guest, name: str, item: Property | None) -> str:
    if item is not None:
        return written_text(item.value)
    if name == "kernel-irqchip":
        return "split" if guest.machine_name in _SPLIT else "on"
    return ""
