"""All checks of whether QEMU takes a guest that makes sense; each lies in a module of its own."""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic
from machdesc.resolve.bound import check_bounds
from machdesc.resolve.conflict import check_conflicts
from machdesc.resolve.guest import Guest
from machdesc.resolve.once import check_once
from machdesc.resolve.plugged import plugged_devices, set_elsewhere
from machdesc.resolve.required import check_required
from machdesc.resolve.room import check_room


def check_refusals(guest: Guest) -> list[Diagnostic]:
    """What QEMU refuses when it starts a resolved guest."""
    plugged, elsewhere = plugged_devices(guest), set_elsewhere(guest)
    findings = check_required(guest, plugged, elsewhere)
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
    return findings
