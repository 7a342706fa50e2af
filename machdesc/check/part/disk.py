"""Disks: what of the medium behind a device, or behind the machine as firmware, is not the same."""

from __future__ import annotations

from machdesc.check.difference import Difference, differ
from machdesc.check.part.back_end import FILE_DOUBT
from machdesc.check.part.couple import title, type_name
from machdesc.check.part.medium import medium_of
from machdesc.check.part.value import properties_of, size_text, written_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from machdesc.check.part.medium import Medium
    from machdesc.resolve.guest import Device, Guest
    from machdesc.syntax.tree import Property, Span

    Media = tuple[Medium, Medium]

_SIZE_DOUBT = "a node without a size has that of its file"
_FORMAT_DOUBT = "what a format makes of a file cannot be known from its name"
_KIND_DOUBT = "what is there, and how large it is, cannot be known"

_READ_ONLY = ("ide-cd", "scsi-cd")
"""Types of devices that write nothing, whatever is behind them."""

NAMED_AFTER_DRIVES = ("usb-storage",)
"""Types whose disk is a part of theirs, and has the id of a `drive` as its name where no serial number is
written (scsi_bus_legacy_add_drive in hw/scsi/scsi-bus.c, scsi_realize in scsi-disk.c)."""

_IMAGES = (
    *("", "file", "ftp", "ftps", "host_cdrom", "host_device", "http", "https", "iscsi", "nbd", "nfs", "rbd"),
    "ssh",
)
"""Drivers that read what was copied there, be it from one of the others."""


def compare_disk(
    old: Guest, new: Guest, subject: str, type: str, items: tuple[Property | None, Property | None]
) -> Iterable[Difference]:
    """What a device of a type shows of the medium that its property names."""
    before, after = (written_text(item.value) if item is not None else "" for item in items)
    spans = [item.span if item is not None else None for item in items]
    yield from compare_media(old, new, subject, (before, after), spans, type in _READ_ONLY)


def compare_media(
    old: Guest,
    new: Guest,
    subject: str,
    names: tuple[str, str],
    spans: Sequence[Span | None],
    is_cd: bool,
    shows_cache: bool = False,
) -> Iterable[Difference]:
    """What shows of two nodes or drives by their names, of which one may be empty. A CD drive writes
    nothing, whatever is behind it; `shows_cache` of one that has no property for its write cache."""
    media = [medium_of(guest, name) if name else None for guest, name in zip((old, new), names, strict=True)]
    has = [bool(name) and (m is None or bool(m.kind)) for name, m in zip(names, media, strict=True)]
    if has[0] != has[1]:
        texts = [name if there else "" for name, there in zip(names, has, strict=True)]
        yield differ("back-end", subject, "its medium", texts, spans)
    elif media[0] is not None and media[1] is not None:
        yield from _shown(subject, (media[0], media[1]), is_cd, shows_cache)


def medium_behind(guest: Guest, device: Device) -> Medium | None:
    """The medium of a device that has one at most."""
    item = properties_of(device.statement).get("drive")
    return medium_of(guest, written_text(item.value)) if item is not None else None


def compare_name(
    old: Guest, new: Guest, after: Device, items: tuple[Property | None, Property | None]
) -> Iterable[Difference]:
    """The id of a drive where the disk shows it; a serial number that comes or goes is found as one."""
    if "serial" in properties_of(after.statement):
        return
    names = [written_text(item.value) if item is not None else "" for item in items]
    media = [medium_of(guest, name) for guest, name in zip((old, new), names, strict=True)]
    texts = [medium.drive if medium is not None else "" for medium in media]
    if texts[0] != texts[1]:
        spans = [item.span if item is not None else None for item in items]
        what = "`device_id` of its disk"
        yield differ("device-property", title(after), what, texts, spans, "", type_name(after), "device_id")


def _shown(subject: str, media: Media, is_cd: bool, shows_cache: bool) -> Iterable[Difference]:
    mine, theirs = media
    spans = mine.span, theirs.span
    if shows_cache and mine.has_write_cache != theirs.has_write_cache:
        texts = ["on" if side.has_write_cache else "off" for side in media]
        yield differ("disk", subject, "the write cache", texts, spans, "", "", "cache")
    if mine.read_only != theirs.read_only and not is_cd:
        texts = ["on" if side.read_only else "" for side in media]
        yield differ("disk", subject, "`read-only` of its back end", texts, spans, "", "", "read-only")
    if mine.size != theirs.size:
        texts = [size_text(side.size) if side.size is not None else "" for side in media]
        doubt = "" if all(texts) else _SIZE_DOUBT
        yield differ("disk", subject, "`size` of its back end", texts, spans, doubt, "", "size")
    if mine.kind != theirs.kind and not (mine.kind in _IMAGES and theirs.kind in _IMAGES):
        if mine.size is None and theirs.size is None:
            kinds = mine.kind, theirs.kind
            yield differ("disk", subject, "the kind of its medium", kinds, spans, _KIND_DOUBT)
    elif mine.store == theirs.store and _content(mine) != _content(theirs):
        texts = [_content(side) for side in media]
        yield differ("disk", subject, "the format of its medium", texts, spans, _FORMAT_DOUBT)


def _content(medium: Medium) -> str:
    """What is made of what is read."""
    where = f" from {medium.offset}" if medium.offset else ""
    return (" in ".join(medium.formats) or "raw") + where


def compare_firmware(
    old: Guest, new: Guest, names: tuple[str, str], what: str, spans: Sequence[Span | None]
) -> Iterable[Difference]:
    """The firmware in two nodes or drives, of which one may be none: its file is the guest's too."""
    if not all(names):
        yield differ("firmware", "machine", f"the node behind `{what}`", names, spans)
        return
    mine, theirs = medium_of(old, names[0]), medium_of(new, names[1])
    if mine is None or theirs is None:
        return
    spans = mine.span, theirs.span
    if mine.read_only != theirs.read_only:
        texts = ["on" if side.read_only else "" for side in (mine, theirs)]
        yield differ("firmware", "machine", "`read-only` of its back end", texts, spans, "", "", "read-only")
    files = [_file(side) for side in (mine, theirs)]
    if files[0] != files[1]:
        yield differ("firmware", "machine", f"the firmware behind `{what}`", files, spans, FILE_DOUBT)


def _file(medium: Medium) -> str:
    """What is read, and what is made of it."""
    size = f", {size_text(medium.size)}" if medium.size is not None else ""
    made = _content(medium) + size
    kind = "" if medium.kind in _IMAGES else f"{medium.kind} "
    return f"{kind}{medium.store}" + (f" ({made})" if made != "raw" else "")
