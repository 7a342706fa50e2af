"""All checks of a description's sense under one release; each lies in a module of its own."""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic
from machdesc.resolve.block import check_blocks
from machdesc.resolve.bound import check_bounds
from machdesc.resolve.conflict import check_conflicts
from machdesc.resolve.guest import Guest
from machdesc.resolve.name import check_names
from machdesc.resolve.once import check_once
from machdesc.resolve.place import check_places
from machdesc.resolve.plugged import plugged_devices, set_elsewhere
from machdesc.resolve.reference import check_references
from machdesc.resolve.required import check_required
from machdesc.resolve.room import check_room
from machdesc.resolve.topology import check_memory, check_topology


def lint(guest: Guest) -> list[Diagnostic]:
    """Everything that is wrong with a resolved guest."""
    findings = [
        *check_blocks(guest),
        *check_names(guest),
        *check_places(guest),
        *check_references(guest),
        *check_topology(guest),
        *check_memory(guest),
    ]
    plugged, elsewhere = plugged_devices(guest), set_elsewhere(guest)
    findings += check_required(guest, plugged, elsewhere)
    findings += check_once(guest, plugged, elsewhere)
    findings += check_bounds(guest, plugged)
    findings += check_room(plugged, elsewhere)
    findings += check_conflicts(guest, plugged, elsewhere)
    if guest.description.all("boot") or guest.description.all("fw_cfg"):
        from machdesc.resolve.boot import check_boot, check_firmware_files

        findings += check_boot(guest)
        findings += check_firmware_files(guest.description.all("fw_cfg"))
    if guest.description.all("numa"):
        from machdesc.resolve.numa import check_numa

        findings += check_numa(guest)
    if guest.description.all("ignore"):
        from machdesc.model.ignore import parse_ignores

        findings += parse_ignores(guest.description)[1]
    return findings
