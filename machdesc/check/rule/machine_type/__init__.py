"""The machine type differs.

What it checks: the full name of the machine type, as it is under the release, and what the type decides
by itself so that no property says it.

Why the guest notices: a saved state carries the machine type's name and loads only under the same one; SMBIOS
shows it; another family is another chipset.

How to fix: keep the version, or move the guest while it is switched off; what its devices do differently is
told apart.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD002"
BREAKS = "additive"


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement | None:
    """Another version shows in SMBIOS where no other name is written, and breaks a saved state in any case;
    another family breaks all, and so does what a type decides by itself; a vendor's types are unknown."""
    if difference.name:
        return Judgement("additive")
    if old.machine is None or new.machine is None or old.machine.family != new.machine.family:
        return Judgement("additive")
    if all(is_upstream(guest.machine_name) for guest in (old, new)):
        from machdesc.abi.smbios import named_tables

        # A table that one side writes is compared as it is written.
        return Judgement("cold" if named_tables(old) & named_tables(new) else "live")
    return Judgement("cold", True, "cannot decide what differs, because a vendor's machine types are its own")


def is_upstream(name: str) -> bool:
    """Whether a machine type is QEMU's own: its version is two or three numbers."""
    return all(part.isdecimal() for part in name.rpartition("-")[2].split("."))
