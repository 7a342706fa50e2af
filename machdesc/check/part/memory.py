"""Memory: size, slots, RAM blocks, NUMA nodes, and the objects that the guest sees."""

from __future__ import annotations

from machdesc.abi.ram_block import ram_block
from machdesc.check.difference import Difference, differ
from machdesc.check.part.back_end import compare_memory_node
from machdesc.check.part.value import (
    canonical,
    heading,
    properties_of,
    same_text,
    same_value,
    shown_text,
    size_text,
    written_text,
)
from machdesc.syntax.tree import Number, String

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property, Statement

DEFAULT_BYTES = 128 << 20
"""The size of memory that QEMU takes when none is said (hw/core/machine.c: default_ram_size)."""

_NUMBERS = {"node": ("nodeid",), "dist": ("src", "dst")}
"""What identifies a NUMA statement."""

_BY_PATH = "x-use-canonical-path-for-ramblock-id"
"""What decides how the RAM block of a back end is called (`host_memory_backend_get_name` in
backends/hostmem.c)."""

_RULES = {"slots": "memory-slots", "max": "memory-slots", "backend": "ram-block"}


def compare_memory(old: Guest, new: Guest) -> Iterable[Difference]:
    """All that differs in the memory."""
    before, after = old.description.one("memory"), new.description.one("memory")
    if not same_text(before, after):
        yield from _memory(old, new, before, after)
    yield from _numa(old, new)
    yield from _blocks(old, new)


def _memory(
    old: Guest, new: Guest, before: Statement | None, after: Statement | None
) -> Iterable[Difference]:
    spans = [heading(side) for side in (before, after)]
    sizes = [_size(side) for side in (before, after)]
    if sizes[0] != sizes[1]:
        texts = [size_text(size) for size in sizes]
        yield differ("memory-size", "memory", "the size", texts, spans)
    mine, theirs = properties_of(before), properties_of(after)
    for name in dict.fromkeys((*mine, *theirs)):
        if name == "backend" and _backend(old, mine) == _backend(new, theirs):
            continue
        yield from _item(_RULES.get(name, "memory-slots"), "memory", name, mine.get(name), theirs.get(name))


def _backend(guest: Guest, properties: dict[str, Property]) -> str:
    """The RAM block of a guest: the back end that is written, or the one that QEMU makes."""
    item = properties.get("backend")
    return written_text(item.value) if item is not None else ram_block(guest)


def _item(
    rule: str, subject: str, name: str, before: Property | None, after: Property | None, type: str = ""
) -> Iterable[Difference]:
    """A property of a statement that differs."""
    texts = [written_text(item.value) if item is not None else "" for item in (before, after)]
    if not _say_the_same(before, after, texts):
        spans = [item.span if item is not None else None for item in (before, after)]
        texts = [shown_text(item.value) if item is not None else "" for item in (before, after)]
        yield differ(rule, subject, f"`{name}`", texts, spans, "", type, name)


def _say_the_same(before: Property | None, after: Property | None, texts: list[str]) -> bool:
    """Whether both are the same; what stands in quotes is a text."""
    if before is not None and after is not None and isinstance(before.value, String):
        return texts[0] == texts[1]
    return same_value(*texts)


def _size(statement: Statement | None) -> int:
    if statement is None or not isinstance(statement.head, Number):
        return DEFAULT_BYTES
    # A bare number is in MiB (docs of `-m`).
    number = statement.head
    return int(number.value if number.unit else number.value * (1 << 20))


def _numa(old: Guest, new: Guest) -> Iterable[Difference]:
    """NUMA statements: nodes and distances by their numbers, others by their order."""
    before, after = _numa_statements(old), _numa_statements(new)
    for subject in dict.fromkeys((*before, *after)):
        mine, theirs = before.get(subject), after.get(subject)
        if same_text(mine, theirs):
            continue
        if mine is None or theirs is None:
            texts = [_numa_text(side) for side in (mine, theirs)]
            yield differ("numa", subject, "the statement", texts, (heading(mine), heading(theirs)))
            continue
        old_items, new_items = properties_of(mine), properties_of(theirs)
        for name in dict.fromkeys((*old_items, *new_items)):
            before_item, after_item = old_items.get(name), new_items.get(name)
            if name == "memdev" and before_item is not None and after_item is not None:
                yield from compare_memory_node(old, new, subject, before_item, after_item)
            else:
                yield from _item("numa", subject, name, before_item, after_item, "numa")


def _numa_statements(guest: Guest) -> dict[str, Statement]:
    """The statements by what a finding calls them: `numa node 1`, `numa dist 0 1`. A node without a
    number takes the next one (parse_numa_node in hw/core/numa.c)."""
    found: dict[str, Statement] = {}
    places: dict[str, int] = {}
    for statement in guest.description.all("numa"):
        kind = statement.head.text if statement.head is not None else ""
        items = properties_of(statement)
        place = places[kind] = places.get(kind, -1) + 1
        named = [
            canonical(written_text(items[name].value)) for name in _NUMBERS.get(kind, ()) if name in items
        ]
        found[f"numa {kind} {' '.join(named) or place}"] = statement
    return found


def _numa_text(statement: Statement | None) -> str:
    return " ".join(f"{p.name} {shown_text(p.value)}" for p in statement.properties) if statement else ""


def _blocks(old: Guest, new: Guest) -> Iterable[Difference]:
    """Memory back ends, wherever they stand: each is a RAM block that a saved state names by id.

    Other objects in `host` are the host's; those outside are compared as they are written.
    """
    before, after = _objects(old), _objects(new)
    for name in dict.fromkeys((*before, *after)):
        mine, theirs = before.get(name), after.get(name)
        if same_text(mine, theirs):
            continue
        spans = [heading(side) for side in (mine, theirs)]
        if (mine is None and theirs is not None and _is_made(old, name, theirs)) or (
            theirs is None and mine is not None and _is_made(new, name, mine)
        ):
            continue
        if mine is None or theirs is None:
            texts = [side.head.text if side is not None and side.head else "" for side in (mine, theirs)]
            yield differ(_rule(mine or theirs), name, "the object", texts, spans)
            continue
        old_items, new_items = properties_of(mine), properties_of(theirs)
        heads = [side.head.text if side.head is not None else "" for side in (mine, theirs)]
        is_memory = _rule(mine) == "ram-block"
        if heads[0] != heads[1] and not is_memory:
            yield differ("object", name, "the type", heads, spans)
        if is_memory:
            yield from _memory_block(new, name, old_items, new_items)
        else:
            for key in dict.fromkeys((*old_items, *new_items)):
                yield from _item("object", name, key, old_items.get(key), new_items.get(key), heads[1])
        if is_memory and (_BY_PATH in old_items or _BY_PATH in new_items):
            texts = [_by_path(guest, side) for guest, side in ((old, mine), (new, theirs))]
            if texts[0] != texts[1]:
                items = old_items.get(_BY_PATH), new_items.get(_BY_PATH)
                spans = [item.span if item is not None else None for item in items]
                yield differ("ram-block", name, f"`{_BY_PATH}`", texts, spans)


def _is_made(guest: Guest, name: str, statement: Statement) -> bool:
    """Whether a back end is the RAM block that QEMU makes for a guest that does not have it written."""
    size = properties_of(statement).get("size")
    if statement.head is None or statement.head.text != "memory-backend-ram" or size is None:
        return False
    return ram_block(guest) == name and getattr(size.value, "value", 0) == _size(
        guest.description.one("memory")
    )


def _memory_block(
    new: Guest, name: str, before: dict[str, Property], after: dict[str, Property]
) -> Iterable[Difference]:
    """What the guest sees of a memory back end: its size, whether it can be written, and where it lies when
    QEMU chooses the place. Where the host takes it from is the host's business."""
    yield from _item("memory-size", name, "size", before.get("size"), after.get("size"))
    for key in ("readonly", "rom"):
        yield from _item("object", name, key, before.get(key), after.get(key))
    for difference in _item("no-address", name, "align", before.get("align"), after.get("align")):
        # memory_device_pre_plug in hw/mem/memory-device.c
        users = (properties_of(d.statement) for d in new.devices)
        if any("memdev" in items and not {"addr", "memaddr"} & set(items) for items in users):
            yield difference._replace(doubt="by it QEMU chooses the address of a memory device without one")


def _by_path(guest: Guest, statement: Statement) -> str:
    """Whether a RAM block is called by the whole path of its back end: as it is written, else as the
    machine type sets it (those up to 3.1 do)."""
    item = properties_of(statement).get(_BY_PATH)
    if item is not None:
        return canonical(written_text(item.value))
    type = statement.head.text if statement.head is not None else ""
    drivers = type, *guest.catalog.ancestors(type, guest.release)
    entries = guest.catalog.compat(guest.machine_name, guest.release) or ()
    return canonical(next((v for d, n, v in reversed(entries) if n == _BY_PATH and d in drivers), "off"))


def _objects(guest: Guest) -> dict[str, Statement]:
    """The objects that matter, by id: all outside `host`, and memory back ends inside it."""
    inside = (s for s in guest.description.host_all("object") if _rule(s) == "ram-block")
    return {s.id.text: s for s in (*guest.description.all("object"), *inside) if s.id is not None}


def _rule(statement: Statement | None) -> str:
    head = statement.head.text if statement is not None and statement.head is not None else ""
    return "ram-block" if head.startswith("memory-backend-") else "object"
