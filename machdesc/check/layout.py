"""Whether a state that one release saves can be loaded by another, as far as both layouts tell.

How a state is read is told by migration/vmstate.c (`vmstate_load_state`): a section is found by its
name and has a version; its fields follow without names, each as long as its size; the fields of a
structure stand in its place, and the version of a structure is not written. Subsections follow, with
their names and versions, each only when QEMU needs it. So a field that is called otherwise, or has
moved into a structure, changes nothing; one that is more or less, or longer, shifts all behind it.
"""

from __future__ import annotations

from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from machdesc.catalog.layout import Description, Layouts

UNUSED = "unused"
"""The name of bytes that stand for a field which is no longer there."""


CERTAIN, FIELD, SUBSECTION = "certain", "field", "subsection"
"""When an obstacle is met: always; when a field is there, which a function of QEMU decides; when the
guest does what a subsection is for."""


class Obstacle(Record):
    """What keeps a state from loading: a text in which the field is named, when it is met, and the names
    of the fields that are there on a condition."""

    text: str
    when: str = CERTAIN
    fields: tuple[str, ...] = ()


class Item(Record):
    """What stands in a state: a field's name, its bytes (0: not told), how often, and whether only on
    a condition. Of an array of structures `inner` are the items of one of them."""

    name: str
    size: int
    num: int
    is_conditional: bool
    inner: tuple[Item, ...] = ()

    @property
    def length(self) -> int:
        """All its bytes; 0 when that is not told."""
        one = sum(item.length for item in self.inner) if self.inner else self.size
        return one * (self.num or 1)


def find_obstacles(saved: Description, by: Layouts, loaded: Description, into: Layouts) -> list[Obstacle]:
    """What keeps a section that `by` saved as `saved` from being loaded as `loaded`.

    A description without fields belongs to a device that QEMU refuses to save: then there is no state at all.
    """
    if saved.fields is None:
        return [Obstacle(f"QEMU {by.release} saves no state of a guest that has it")]
    if loaded.fields is None:
        return [Obstacle(f"QEMU {into.release} can neither save nor load it")]
    if saved.name != loaded.name:
        return [Obstacle(f"QEMU {into.release} calls the section `{loaded.name}`")]
    return [*_versions(saved, loaded, into), *_contents(saved, by, loaded, into)]


def _versions(saved: Description, loaded: Description, into: Layouts) -> Iterator[Obstacle]:
    if saved.version > loaded.version:
        yield Obstacle(
            f"it has version {saved.version}, and QEMU {into.release} loads none above {loaded.version}"
        )
    elif saved.version < loaded.minimum:
        yield Obstacle(
            f"it has version {saved.version}, and QEMU {into.release} loads none below {loaded.minimum}"
        )


def _contents(saved: Description, by: Layouts, loaded: Description, into: Layouts) -> Iterator[Obstacle]:
    """The obstacles in fields and subsections."""
    arrays = by.tells_arrays and into.tells_arrays
    expected = list(_items(loaded, into, saved.version, arrays))
    yield from _compare(list(_items(saved, by, saved.version, arrays)), expected, into, arrays)
    known = dict(_subsections(loaded, into))
    for name, subsection in _subsections(saved, by):
        other = known.get(name)
        if other is None:
            yield Obstacle(f"QEMU {into.release} does not know the subsection `{name}`", SUBSECTION)
            continue
        for obstacle in (*_versions(subsection, other, into), *_own(subsection, by, other, into)):
            yield Obstacle(f"in the subsection `{name}`, {obstacle.text}", SUBSECTION)


def _own(saved: Description, by: Layouts, loaded: Description, into: Layouts) -> Iterator[Obstacle]:
    """The obstacles in the fields of a subsection."""
    arrays = by.tells_arrays and into.tells_arrays
    items = list(_items(saved, by, saved.version, arrays))
    yield from _compare(items, list(_items(loaded, into, saved.version, arrays)), into, arrays)


def _items(description: Description, layouts: Layouts, version: int, arrays: bool) -> Iterator[Item]:
    """What is saved by a description in a version, structures opened. Without `arrays` all lengths of
    arrays count as one, since one of the two releases does not tell them."""
    for field in description.fields or ():
        if field.version > version:
            continue
        num = field.num if arrays else 0
        if not field.of:
            yield Item(field.name, field.size, num, field.is_conditional)
            continue
        inner = layouts.description(field.of)
        items = tuple(_items(inner, layouts, inner.version, arrays))
        if num or field.is_conditional:
            yield Item(field.name, 0, num, field.is_conditional, items)
        else:
            yield from items


def _subsections(description: Description, layouts: Layouts) -> Iterator[tuple[str, Description]]:
    """All subsections by name, also those of structures and of subsections."""
    for key in description.subsections:
        found = layouts.description(key)
        yield found.name, found
        yield from _subsections(found, layouts)
    for field in description.fields or ():
        if field.of:
            yield from _subsections(layouts.description(field.of), layouts)


def _compare(
    saved: Sequence[Item], expected: Sequence[Item], into: Layouts, arrays: bool
) -> Iterator[Obstacle]:
    """The places at which the fields go apart."""
    if saved == expected:
        return
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, list(map(_key, saved)), list(map(_key, expected)), autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        here, there = saved[start:end], expected[other_start:other_end]
        if tag == "equal":
            for mine, theirs in zip(here, there, strict=True):
                if mine.inner or theirs.inner:
                    yield from _compare(mine.inner, theirs.inner, into, arrays)
        elif not _fit(_opened(here), _opened(there), arrays):
            text = f"{_told(here)} is saved, and QEMU {into.release} expects {_told(there)} there"
            if _fit(_opened(_certain(here)), _opened(_certain(there)), arrays):
                fields = tuple(item.name for item in (*here, *there) if item.is_conditional)
                yield Obstacle(text, FIELD, fields)
            else:
                yield Obstacle(text)


def _key(item: Item) -> tuple[str, int, int, bool]:
    """What makes two items one: whether a condition decides is none of it."""
    return item.name, item.size, item.num, bool(item.inner)


def _fit(saved: Sequence[Item], expected: Sequence[Item], arrays: bool) -> bool:
    """Whether one run of items can be loaded as another: same lengths in the same order, or one side is
    `unused` bytes of the same length, or of any where lengths of arrays are not told."""
    lengths = [[item.length for item in side] for side in (saved, expected)]
    if lengths[0] == lengths[1]:
        return True
    is_unused = any(all(item.name == UNUSED for item in side) for side in (saved, expected) if side)
    sums = [sum(side) for side in lengths]
    return is_unused and (sums[0] == sums[1] or not (arrays or 0 in sums))


def _opened(items: Iterable[Item]) -> list[Item]:
    """The items when all conditions hold, their structures opened.

    A condition that one side has and the other has not is taken to hold: releases drop what decides for
    machine types that they drop (`smb` of `ICH9-SMB`, which 10.0 leaves out up to 2.x).
    """
    found: list[Item] = []
    for item in items:
        if item.inner and not item.num:
            found += _opened(item.inner)
        else:
            found.append(item._replace(is_conditional=False))
    return found


def _certain(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if not item.is_conditional]


def _told(items: Sequence[Item]) -> str:
    """Items for people: `mac`, `a` to `f`, nothing."""
    if not items:
        return "nothing"
    first, last = (f"`{item.name}` ({item.length} bytes)" for item in (items[0], items[-1]))
    return first if len(items) == 1 else f"{first} to {last}"
