"""Drives that bring a device along: all whose `if` is not `none`.

QEMU makes the device itself, where `index`, or `bus` and `unit`, say, else at the first place that is free
(drive_new in blockdev.c, drive_check_orphaned and the machines' own code).
"""

from __future__ import annotations

from machdesc.check.difference import Difference, differ
from machdesc.check.part.disk import compare_media
from machdesc.check.part.value import heading, properties_of, written_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Statement

_USUAL = "ide"
"""The interface of a drive that says none (block_default_type of the PC machines in hw/i386)."""

_FLASH = "pflash"
"""The interface whose drives are firmware, by their units (pc_system_flash_map in hw/i386/pc_sysfw.c)."""

_CDROM = "cdrom"


def compare_drives(old: Guest, new: Guest) -> Iterable[Difference]:
    """All that differs in the devices of drives, which are told apart by their places."""
    before, after = _placed(old), _placed(new)
    for place in dict.fromkeys((*before, *after)):
        mine, theirs = before.get(place), after.get(place)
        if theirs is None and mine is not None:
            span = heading(mine)
            yield Difference("device-removed", _title(mine), "the device", f"{place} drive", "", span, None)
        elif mine is None and theirs is not None:
            span = heading(theirs)
            yield Difference("device-added", _title(theirs), "the device", "", f"{place} drive", None, span)
        elif mine is not None and theirs is not None:
            yield from _device(old, new, mine, theirs)


def _device(old: Guest, new: Guest, mine: Statement, theirs: Statement) -> Iterable[Difference]:
    sides, spans = (mine, theirs), (heading(mine), heading(theirs))
    types = ["CD-ROM" if _word(side, "media") == _CDROM else "disk" for side in sides]
    if types[0] != types[1]:
        yield differ("device-type", _title(theirs), "the type", types, spans)
        return
    is_cd = types[0] == "CD-ROM"
    yield from compare_media(old, new, _title(theirs), (_id(mine), _id(theirs)), spans, is_cd, True)


def flash_drives(guest: Guest) -> dict[str, str]:
    """The drives that are flash memory, by the property of the machine that would name them."""
    return {
        f"pflash{place.rpartition(' ')[2]}": _id(drive)
        for place, drive in _numbered(guest).items()
        if place.startswith(_FLASH)
    }


def _placed(guest: Guest) -> dict[str, Statement]:
    drives = _numbered(guest)
    return {place: drive for place, drive in drives.items() if not place.startswith(_FLASH)}


def _numbered(guest: Guest) -> dict[str, Statement]:
    """The drives with a device by their interface and place on it: `ide 2`, `scsi 0:3`."""
    found: dict[str, Statement] = {}
    for drive in guest.description.host_all("drive"):
        interface = _word(drive, "if") or _USUAL
        if interface == "none":
            continue
        unit, bus = _word(drive, "unit"), _word(drive, "bus")
        place = _word(drive, "index") or (f"{bus or 0}:{unit or 0}" if unit or bus else "")
        if interface == _FLASH:
            place = _word(drive, "index") or unit
        if not place:
            place = next(str(n) for n in range(len(found) + 1) if f"{interface} {n}" not in found)
        found[f"{interface} {place}"] = drive
    return found


def _title(drive: Statement) -> str:
    return f"drive {_id(drive)}"


def _id(drive: Statement) -> str:
    return drive.id.text if drive.id is not None else ""


def _word(drive: Statement, name: str) -> str:
    item = properties_of(drive).get(name)
    return written_text(item.value) if item is not None else ""
