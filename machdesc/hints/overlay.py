"""Lays hints over a description: what a device had, and would not have again, is written into its block.

What the description says itself has to agree with the hints: one of the two is wrong then, and only a
person knows which.
"""

from __future__ import annotations

from machdesc.abi.standing import machine_standing, standing, untold
from machdesc.diagnostic import Diagnostic, error, warning
from machdesc.hints.basis import Basis
from machdesc.hints.device import lay_devices
from machdesc.hints.draft import Draft
from machdesc.hints.machine import lay_machine, lay_memory, lay_table_names
from machdesc.hints.own_device import lay_own_devices
from machdesc.hints.processor import lay_processors
from machdesc.model.guest import Description
from machdesc.model.heading import heading
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from machdesc.abi.standing import Standing
    from machdesc.hints.hint import Hints
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Span


class Overlay(Record):
    """The description with what the hints add, and what is wrong."""

    description: Description
    diagnostics: list[Diagnostic]


def lay_over(
    guest: Guest, hints: Hints, file: str, wishes: Container[tuple[str, str]] | None = None
) -> Overlay:
    """The guest's description with all that the hints of `file` say beyond it.

    What QEMU may have chosen by itself, such as the size of a ROM, is among it; with `wishes` only of the
    devices and properties that these name.

    Codes: hint-for-another-machine, version-untold, and those of what is laid.
    """
    machine = guest.description.one("machine")
    if guest.machine is None or machine is None:
        return Overlay(guest.description, [])
    span, draft = heading(machine), Draft()
    if hints.arch != guest.catalog.arch or not _is_of_family(guest, hints):
        message = (
            f"{file} holds hints of a `{hints.machine}` ({hints.arch}), and the guest is a "
            f"`{guest.machine_name}`"
        )
        help = "take the hints of this guest"
        return Overlay(guest.description, [error("hint-for-another-machine", message, span, "", help)])
    basis = Basis(guest, hints, file, _find_wanted(guest, hints, draft, span), wishes)
    lay_devices(basis, draft, span)
    lay_own_devices(basis, draft, span)
    lay_machine(basis, draft, machine)
    lay_memory(basis, draft, span)
    lay_processors(basis, draft, span)
    lay_table_names(basis, draft, machine)
    return Overlay(draft.written(guest.description), draft.found)


def _is_of_family(guest: Guest, hints: Hints) -> bool:
    known = guest.catalog.machine(hints.machine)
    return known is None or guest.machine is None or known.family == guest.machine.family


def _find_wanted(guest: Guest, hints: Hints, draft: Draft, span: Span) -> Standing | None:
    """How the machine type that was dumped stands in this release; None when it is the guest's own, or
    nobody tells.

    Code: version-untold.
    """
    if hints.machine == guest.abi_name:
        return None
    wanted = standing(guest.catalog, guest.release, hints.machine)
    if guest.catalog.machine(hints.machine) is None or untold(wanted) or untold(machine_standing(guest)):
        message = (
            f"no known QEMU tells what devices do under `{hints.machine}`: of properties that QEMU "
            f"{hints.version} did not know nothing is kept"
        )
        help = "harvest a QEMU from 9.1 on that has it: machdesc harvest --qemu BINARY"
        draft.found.append(warning("version-untold", message, span, "", help))
        return None
    return wanted
