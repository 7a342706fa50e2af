"""Media: what a front end shows of the block nodes behind it, followed from the one that it names to the
one that reads and writes.

Filters show nothing. The names of nodes are the host's business; that of a `drive` is shown by SCSI disks
that have no serial number.
"""

from __future__ import annotations

from machdesc.check.part.value import heading, written_text
from machdesc.record import Record
from machdesc.syntax.tree import Block, Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Block as Blocks
    from machdesc.syntax.tree import Span, Statement, Value

    Nodes = dict[str, Statement]

_FILTERS = {
    "throttle": "file",  # block/throttle.c
    "copy-on-read": "file",  # block/copy-on-read.c
    "copy-before-write": "file",  # block/copy-before-write.c
    "compress": "file",  # block/filter-compress.c
    "preallocate": "file",  # block/preallocate.c
    "blkdebug": "image",  # block/blkdebug.c
    "blklogwrites": "file",  # block/blklogwrites.c
    "blkreplay": "image",  # block/blkreplay.c
}
"""Drivers that change nothing of what is read -> the node below each."""

_FORMATS = (
    *("bochs", "cloop", "dmg", "luks", "parallels", "qcow", "qcow2", "qed", "raw", "vdi", "vhdx", "vmdk"),
    "vpc",
)
"""Drivers that make a disk of what is in the node below, `file` (block/)."""

_NULL = ("null-co", "null-aio")
_NULL_BYTES = 1 << 30
"""The size of a null disk that says none (block/null.c)."""

_TUNING = (
    *("aio", "auto-read-only", "cache", "detect-zeroes", "discard", "drop-cache", "driver", "locking"),
    *("node-name", "pr-manager", "read-only", "force-share", "latency-ns", "read-zeroes", "size"),
)
"""Options that do not say what is read (qapi/block-core.json)."""

_WRITE_THROUGH = ("writethrough", "directsync")
"""Words of `cache` with which a drive has no write cache (`bdrv_parse_cache_mode` in block.c)."""

_MOST_NODES = 64
"""How deep a chain is followed; one that is deeper, or goes round, is cut off."""


class Medium(Record):
    """What shows of a chain of nodes.

    `size` is in bytes, None where the file decides; `formats` are those that are not raw, the outermost
    first, "probed" for one that QEMU guesses. `kind` and `store` are the driver at the end and what it
    reads, both empty for a drive without a medium. `drive` is the id of a drive, empty for a node; `span` is
    where the outermost of the chain says what it is.
    """

    read_only: bool
    size: int | None
    offset: int
    formats: tuple[str, ...]
    kind: str
    store: str
    has_write_cache: bool
    drive: str
    span: Span | None = None


def medium_of(guest: Guest, name: str) -> Medium | None:
    """What is behind the name of a block node or a drive; None when nothing of that name is described."""
    nodes = {
        s.id.text: s
        for s in guest.description.host
        if s.keyword in ("blockdev", "drive") and s.id is not None
    }
    top = nodes.get(name)
    if top is None:
        return None
    found = _drive(top, nodes) if top.keyword == "drive" else _chain(_pairs(top), nodes)
    return found._replace(span=heading(top))


def _drive(statement: Statement, nodes: Nodes) -> Medium:
    """The medium of a drive: `drive_new` in blockdev.c."""
    pairs = _pairs(statement)
    texts = {name: written_text(value) for name, value in pairs.items()}
    name = statement.id.text if statement.id is not None else ""
    driver = texts.get("driver", texts.get("format", ""))
    read_only = texts.get("media") == "cdrom" or "on" in (texts.get("read-only"), texts.get("readonly"))
    cached = texts.get("cache") not in _WRITE_THROUGH and texts.get("cache.writeback") != "off"
    file = texts.get("file", "")
    if file and file not in nodes:
        # A file's name, whose format QEMU guesses where none is said.
        formats = () if driver == "raw" else (driver or "probed",)
        return Medium(read_only, _number(pairs, "size"), 0, formats, "file", file, cached, name)
    below = {key: value for key, value in pairs.items() if key not in ("cache", "media", "format")}
    if driver:
        below["driver"] = pairs.get("driver", pairs.get("format"))  # type: ignore[assignment]
    if not file and not driver and not any(key.startswith("file.") for key in pairs):
        return Medium(read_only, None, 0, (), "", "", cached, name)
    found = _chain(below, nodes)
    return found._replace(read_only=read_only or found.read_only, has_write_cache=cached, drive=name)


def _chain(pairs: dict[str, Value], nodes: Nodes) -> Medium:
    """The medium of a node, through all that are below it."""
    read_only, size, offset = False, None, 0
    formats: list[str] = []
    for _ in range(_MOST_NODES):
        driver = _text(pairs, "driver")
        read_only = read_only or _text(pairs, "read-only") == "on"
        if driver not in _FILTERS and driver not in _FORMATS:
            break
        if driver in _FORMATS:
            if size is None:
                size = _number(pairs, "size")
            offset += _number(pairs, "offset") or 0
            formats += [] if driver == "raw" else [driver]
        below = _below(pairs, _FILTERS.get(driver, "file"), nodes)
        if below is None:
            break
        pairs = below
    if size is None and not formats and driver in _NULL:
        size = _number(pairs, "size")
        size = _NULL_BYTES if size is None else size
    return Medium(read_only, size, offset, tuple(formats), driver, _store(pairs), True, "")


def _below(pairs: dict[str, Value], key: str, nodes: Nodes) -> dict[str, Value] | None:
    """The node that another one is made of: by name, or written inside it."""
    inner = {n.removeprefix(f"{key}."): value for n, value in pairs.items() if n.startswith(f"{key}.")}
    if inner:
        return inner
    statement = nodes.get(_text(pairs, key))
    return _pairs(statement) if statement is not None else None


def _store(pairs: dict[str, Value]) -> str:
    """What a driver reads, as one text: a file by its name alone."""
    if "filename" in pairs:
        return _text(pairs, "filename")
    said = {n: written_text(value) for n, value in pairs.items() if n.partition(".")[0] not in _TUNING}
    return " ".join(f"{name} {text}" for name, text in sorted(said.items()))


def _pairs(statement: Statement) -> dict[str, Value]:
    """The properties of a node, those inside blocks by dotted names, with its driver."""
    found: dict[str, Value] = {}
    if statement.head is not None:
        found["driver"] = statement.head
    _flatten("", statement.block, found)
    return found


def _flatten(prefix: str, block: Blocks | None, found: dict[str, Value]) -> None:
    for item in block.properties if block is not None else ():
        if isinstance(item.value, Block):
            _flatten(f"{prefix}{item.name}.", item.value, found)
        else:
            found[prefix + item.name] = item.value


def _text(pairs: dict[str, Value], name: str) -> str:
    value = pairs.get(name)
    return written_text(value) if value is not None else ""


def _number(pairs: dict[str, Value], name: str) -> int | None:
    value = pairs.get(name)
    return int(value.value) if isinstance(value, Number) else None
