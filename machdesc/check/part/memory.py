"""Memory: size, slots, RAM blocks, NUMA nodes, and the objects that the guest sees."""

from __future__ import annotations

from machdesc.abi.ram_block import ram_block
from machdesc.check.difference import Difference, differ
from machdesc.check.part.back_end import compare_memory_node
from machdesc.check.part.item import compare_item, memory_bytes
from machdesc.check.part.object import compare_objects
from machdesc.check.part.value import (
    canonical,
    heading,
    properties_of,
    same_text,
    shown_text,
    size_text,
    written_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property, Statement

_NUMBERS = {"node": ("nodeid",), "dist": ("src", "dst")}
"""What identifies a NUMA statement."""


def compare_memory(old: Guest, new: Guest) -> Iterable[Difference]:
    """All that differs in the memory."""
    before, after = old.description.one("memory"), new.description.one("memory")
    if not same_text(before, after):
        yield from _memory(old, new, before, after)
    yield from _back_end(old, new)
    yield from _numa(old, new)
    yield from compare_objects(old, new)


def _memory(
    old: Guest, new: Guest, before: Statement | None, after: Statement | None
) -> Iterable[Difference]:
    spans = [heading(side) for side in (before, after)]
    sizes = [memory_bytes(guest) for guest in (old, new)]
    if sizes[0] != sizes[1]:
        texts = [size_text(size) for size in sizes]
        yield differ("memory-size", "memory", "the size", texts, spans)
    mine, theirs = properties_of(before), properties_of(after)
    for name in ("slots", "max"):
        yield from compare_item("memory-slots", "memory", name, mine.get(name), theirs.get(name))


def _back_end(old: Guest, new: Guest) -> Iterable[Difference]:
    """The RAM block of the machine: the back end that `memory` or the machine names, or the one that QEMU
    makes."""
    items = _back_end_item(old), _back_end_item(new)
    if items == (None, None):
        return
    texts = [
        written_text(item.value) if item is not None else ram_block(guest)
        for guest, item in zip((old, new), items, strict=True)
    ]
    if texts[0] != texts[1]:
        name = next(item.name for item in items if item is not None)
        spans = [item.span if item is not None else None for item in items]
        subject = "machine" if name == "memory-backend" else "memory"
        yield differ("ram-block", subject, f"`{name}`", texts, spans, "", "", name)


def _back_end_item(guest: Guest) -> Property | None:
    said = properties_of(guest.description.one("memory")).get("backend")
    return said or properties_of(guest.description.one("machine")).get("memory-backend")


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
                yield from compare_item("numa", subject, name, before_item, after_item, "numa")


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
