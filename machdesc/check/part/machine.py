"""The machine: its type, its properties, and the QEMU that runs it."""

from __future__ import annotations

from machdesc.abi.machine import machine_changed_names, machine_effective
from machdesc.check.difference import Difference, differ
from machdesc.check.part.block import BOOTED
from machdesc.check.part.disk import compare_firmware
from machdesc.check.part.drive import flash_drives
from machdesc.check.part.value import heading, properties_of, same_effect, same_text, shown, written_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.abi.effective import Effective
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property, Span

    Properties = dict[str, Property]


_ELSEWHERE = ("memory-backend", *BOOTED)
"""Properties that `memory` or `boot` can say as well, with which they are compared."""


def compare_machine(old: Guest, new: Guest) -> list[Difference]:
    """All that differs in the machine itself."""
    found: list[Difference] = []
    spans = machine_span(old), machine_span(new)
    if old.release != new.release or old.catalog is not new.catalog:
        found.append(differ("release", "machine", "QEMU", (old.release, new.release), spans))
    if old.machine_name != new.machine_name:
        names = old.machine_name, new.machine_name
        found.append(differ("machine-type", "machine", "the type", names, spans))
    return [*found, *_properties(old, new)]


def machine_span(guest: Guest) -> Span | None:
    """Where a guest says which machine it has."""
    statement = guest.description.one("machine") or guest.description.one("machine-type")
    return heading(statement) if statement is not None else None


def _properties(old: Guest, new: Guest) -> Iterable[Difference]:
    """The machine's properties: those written, and those that the type or the release decides."""
    statements = old.description.one("machine"), new.description.one("machine")
    before, after = map(properties_of, statements)
    names = dict.fromkeys(machine_changed_names(old, new))
    if not same_text(*statements):
        names |= dict.fromkeys((*before, *after))
    yield from _firmware(old, new, (before, after))
    for name in names:
        if name in _ELSEWHERE:
            continue
        schema = new.machine_schema or old.machine_schema
        known = schema.properties(new.release).get(name) if schema is not None else None
        if known is not None and known.refers == "block":
            continue
        mine, theirs = _effective(old, name), _effective(new, name)
        values = [side.value if side is not None else None for side in (mine, theirs)]
        kind = known.kind if known is not None else ""
        if values[0] is not None and same_effect(name, kind, *values):
            continue
        doubt = next((side.detail for side in (mine, theirs) if side is not None and side.value is None), "")
        spans = [side.span if side is not None else None for side in (mine, theirs)]
        what, texts = f"`{name}`", (shown(values[0]), shown(values[1]))
        yield differ("machine-property", "machine", what, texts, spans, doubt, "machine", name)


def _firmware(old: Guest, new: Guest, sides: tuple[Properties, Properties]) -> Iterable[Difference]:
    """The firmware in flash memory, which the machine names, or which drives are."""
    drives = flash_drives(old), flash_drives(new)
    for name in ("pflash0", "pflash1"):
        items = [side.get(name) for side in sides]
        named = [
            (written_text(item.value), item.span) if item is not None else (drive.get(name, ""), None)
            for item, drive in zip(items, drives, strict=True)
        ]
        (mine, old_span), (theirs, new_span) = named
        if mine or theirs:
            yield from compare_firmware(old, new, (mine, theirs), name, (old_span, new_span))


def _effective(guest: Guest, name: str) -> Effective | None:
    try:
        return machine_effective(guest, name)
    except KeyError:
        return None
