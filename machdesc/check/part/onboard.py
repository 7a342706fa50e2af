"""On board: what the devices that a machine brings along do otherwise, and what its type decides itself."""

from __future__ import annotations

from machdesc.abi.effective import DEFAULT, UNKNOWN, deciding, said_globally, unwritten
from machdesc.abi.machine_class import changed_decisions
from machdesc.abi.makeup import makeup_of
from machdesc.abi.onboard import own_changes, own_types
from machdesc.abi.standing import machine_standing, settings, untold
from machdesc.check.difference import Difference, differ
from machdesc.check.part.machine import machine_span
from machdesc.check.part.reach import kind_of_property
from machdesc.check.part.value import same_effect, same_value, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.abi.effective import Effective
    from machdesc.abi.standing import Standing
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Span


_SET = {
    "isa-pit": ("iobase",),  # i8254_pit_init in include/hw/timer/i8254.h
    "kvm-pit": ("iobase",),
    "i8257": ("base", "page-base", "pageh-base", "dshift"),  # i8257_dma_init in hw/dma/i8257.c
    "isa-i8259": ("iobase", "elcr_addr", "elcr_mask", "master"),  # i8259_init_chip in hw/intc/i8259_common.c
    "kvm-i8259": ("iobase", "elcr_addr", "elcr_mask", "master"),
}
"""Type -> properties that the machine sets on its own device, whatever a `global` says."""


def compare_own_devices(old: Guest, new: Guest) -> list[Difference]:
    """All that differs in them between two machine types, or by a `global`."""
    sides = old.description, new.description
    if machine_standing(old) == machine_standing(new) and not any(side.all("global") for side in sides):
        return []
    return [*_own_devices(old, new), *_decisions(old, new)]


def _decisions(old: Guest, new: Guest) -> Iterable[Difference]:
    """What the machine types decide otherwise by themselves, so that nothing can be written for it."""
    for decision, forwards, doubt in changed_decisions(old, new):
        texts = (decision.old, decision.new) if forwards else (decision.new, decision.old)
        spans = machine_span(old), machine_span(new)
        yield differ("machine-type", "machine", decision.what, texts, spans, doubt, name=decision.name)


def _own_devices(old: Guest, new: Guest) -> Iterable[Difference]:
    """What the machine's own devices do otherwise, under another machine type or by a `global`."""
    if old.machine is None or new.machine is None or old.machine.family != new.machine.family:
        return
    before, after = machine_standing(old), machine_standing(new)
    said = [
        item.name
        for guest in (old, new)
        for block in guest.description.all("global")
        for item in block.properties
    ]
    for type in sorted({*own_types(old), *own_types(new)}):
        changes = {name: sides for name, *sides in _changes(type, before, after)} if before != after else {}
        for name in dict.fromkeys((*changes, *said)):
            if name in _SET.get(type, ()):
                continue
            sides, spans = changes.get(name), [machine_span(old), machine_span(new)]
            told = _said(old, type, name), _said(new, type, name)
            places = (_place(before, type, name), _place(after, type, name))
            spans = [place or span for place, span in zip(places, spans, strict=True)]
            if told != (None, None):
                values = [
                    side.value if side is not None else _unwritten(standing, type, name)
                    for side, standing in zip(told, (before, after), strict=True)
                ]
                kind = kind_of_property(new, type, name)
                sides = None if same_effect(name, kind, *values) else [shown(value) for value in values]
                spans = [side.span if side is not None else s for side, s in zip(told, spans, strict=True)]
            if sides is not None:
                what = f"`{name}` of its own `{type}`"
                yield differ("built-in-device", "machine", what, sides, spans, "", type, name)


def _said(guest: Guest, type: str, name: str) -> Effective | None:
    """What a `global` says of a property of the machine's own devices of a type."""
    return said_globally(guest, makeup_of(guest.catalog, guest.release, type), name)


def _changes(type: str, old: Standing, new: Standing) -> Iterable[tuple[str, str, str]]:
    """The properties of a type that the machine types or the releases set otherwise, with both values.

    Of a type whose properties QEMU does not tell, only those are known that the lists of one
    release name.
    """
    if new.catalog.device(type) is not None:
        for name in own_changes(type, old, new):
            values = _unwritten(old, type, name), _unwritten(new, type, name)
            kind = kind_of_property(new, type, name)
            if not same_effect(name, kind, *values) and not _is_default(name, type, old, new):
                yield name, shown(values[0]), shown(values[1])
    elif old.release == new.release and old.catalog is new.catalog:
        drivers = type, *new.catalog.ancestors(type, new.release)
        mine, theirs = settings(old, drivers), settings(new, drivers)
        for name in dict.fromkeys((*mine, *theirs)):
            first, second = (side[name].text if name in side else "its default" for side in (mine, theirs))
            if not same_value(first, second):
                yield name, first, second


def _is_default(name: str, type: str, old: Standing, new: Standing) -> bool:
    """Whether both sides have the release's default and one release does not tell it: QEMU keeps those
    of what a machine brings along, or sets the old one for older machine types."""
    try:
        origins = {unwritten(side, type, name).origin for side in (old, new)}
    except KeyError:
        return False
    return origins == {DEFAULT, UNKNOWN} and not untold(old) and not untold(new)


def _place(standing: Standing, type: str, name: str) -> Span | None:
    """Where a machine type of the user's own decides a property; None where it does not."""
    setting = deciding(standing, type, name) if standing.chain else None
    return setting.span if setting is not None else None


def _unwritten(standing: Standing, type: str, name: str) -> object:
    try:
        return unwritten(standing, type, name).value
    except KeyError:
        return None
