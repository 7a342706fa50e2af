"""Hints of the machine itself: its properties, its memory, and its name in the tables of the firmware."""

from __future__ import annotations

from machdesc.abi.effective import UNKNOWN, WRITTEN, Effective
from machdesc.abi.machine import machine_effective
from machdesc.abi.smbios import NAMED_TABLES, named_tables
from machdesc.hints.basis import contradicted, gone, is_kept
from machdesc.model.heading import heading
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from machdesc.hints.basis import Basis, Scalar
    from machdesc.hints.draft import Draft
    from machdesc.syntax.tree import Span, Statement

_DEFAULT_MEMORY = 128 << 20
"""What a machine has when nothing is said: `default_ram_size` in hw/core/machine.c."""

_NOT_OURS = frozenset(
    ("memory-backend", "device-memory-region-size", "max-ram-below-4g", "accel", "smp", "memory", "boot")
)
"""Properties of the machine that other statements say, or that follow from them."""


_USB = "usb"
"""Brings controllers along. A description that does not say it describes these, each for itself."""


def lay_machine(basis: Basis, draft: Draft, statement: Statement) -> None:
    """The properties of the machine, to its `statement`.

    Codes: hint-contradicted, hint-without-property.
    """
    schema, span = basis.guest.machine_schema, heading(statement)
    known = schema.properties(basis.guest.release) if schema is not None else {}
    for name, value in basis.hints.machine_values.items():
        if name in _NOT_OURS:
            continue
        if name not in known:
            draft.found += gone(basis, "machine", "", name, value, span)
            continue
        found = machine_effective(basis.guest, name)
        if name == _USB and found.origin != WRITTEN:
            continue
        if found.origin == UNKNOWN or is_kept(basis, found, value, "machine", known[name]):
            continue
        if found.origin == WRITTEN:
            draft.found.append(contradicted(basis, "machine", found, value, span))
        else:
            draft.add(statement, name, value, span)
    for name, value in _defaults(basis, known, statement):
        draft.add(statement, name, value, span)


def lay_memory(basis: Basis, draft: Draft, span: Span) -> None:
    """How much memory there is, and may be; `span` is the machine's.

    Code: hint-contradicted.
    """
    statement, had = basis.guest.description.one("memory"), basis.hints.memory
    if statement is None:
        size = had.get("size", _DEFAULT_MEMORY)
        if size != _DEFAULT_MEMORY:
            draft.add_statement("memory", Number(f"{size}B", int(size), "B", span), _more_memory(had), span)
        return
    place = heading(statement)
    head = statement.head
    if isinstance(head, Number) and head.value != had.get("size", head.value):
        said = Effective("size", head.value, WRITTEN, "in `memory`", head.span)
        draft.found.append(contradicted(basis, "memory", said, had["size"], place))
    written = {item.name: item for item in statement.properties}
    for name, value in _more_memory(had):
        if name not in written:
            draft.add(statement, name, value, place)
    for name, item in written.items():
        if name in had and isinstance(item.value, Number) and item.value.value != had[name]:
            said = Effective(name, item.value.value, WRITTEN, "in `memory`", item.span)
            draft.found.append(contradicted(basis, "memory", said, had[name], place))


def _more_memory(had: Mapping[str, Scalar]) -> list[tuple[str, Scalar]]:
    """Memory that may be plugged in later, where there may be any."""
    return [(name, had[name]) for name in ("slots", "max")] if had.get("slots") else []


def lay_table_names(basis: Basis, draft: Draft, statement: Statement) -> None:
    """The machine type's name as SMBIOS tables had it, where nothing else is written. `statement` is the
    machine's."""
    if basis.wanted is None:
        return
    named = named_tables(basis.guest)
    said = [each for each in basis.guest.description.all("smbios") if each.head is not None]
    for each in said:
        if each.head is not None and each.head.text in named:
            draft.add(each, "version", basis.hints.machine, heading(each))
    span, tables = heading(statement), {each.head.text for each in said if each.head is not None}
    for table in NAMED_TABLES:
        if table in named and table not in tables:
            version = [("version", basis.hints.machine)]
            draft.add_statement("smbios", Number(table, int(table), "", span), version, span)


def _defaults(basis: Basis, known: Iterable[str], statement: Statement) -> Iterator[tuple[str, Scalar]]:
    """Defaults of the dumped machine type, of properties that its QEMU did not have."""
    guest = basis.guest
    dumped = guest.catalog.machine(basis.hints.machine)
    if dumped is None or guest.machine is None or guest.release not in dumped.releases:
        return
    before, after = (machine.facts(guest.release).defaults for machine in (dumped, guest.machine))
    said = {*basis.hints.machine_values, *(item.name for item in statement.properties)}
    for name in known:
        value = before.get(name)
        is_other = name not in said and after.get(name) != value
        if is_other and isinstance(value, (bool, int, str)) and value not in ("", "auto"):
            yield name, value
