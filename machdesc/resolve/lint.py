"""All checks of a description's sense under one release; each lies in a module of its own."""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic
from machdesc.resolve.block import check_blocks
from machdesc.resolve.guest import Guest
from machdesc.resolve.name import check_names
from machdesc.resolve.place import check_places
from machdesc.resolve.reference import check_references
from machdesc.resolve.topology import check_memory, check_topology


def lint(guest: Guest, starting: bool = True) -> list[Diagnostic]:
    """Everything that makes no sense in a resolved guest; and, for one that is to be started, what QEMU
    refuses all the same."""
    findings = [
        *check_blocks(guest),
        *check_names(guest),
        *check_places(guest),
        *check_references(guest),
        *check_topology(guest),
        *check_memory(guest),
    ]
    if guest.description.all("ignore"):
        from machdesc.model.ignore import parse_ignores

        findings += parse_ignores(guest.description)[1]
    if starting:
        from machdesc.resolve.refusal import check_refusals

        findings += check_refusals(guest)
    return findings
