"""Hints of the machine itself: its properties, and its name in the tables of the firmware."""

from __future__ import annotations

from machdesc.abi.effective import UNKNOWN, WRITTEN
from machdesc.abi.machine import machine_effective
from machdesc.abi.smbios import NAMED_TABLES, named_tables
from machdesc.hints.basis import contradicted, gone, is_kept
from machdesc.model.heading import heading
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from machdesc.hints.basis import Basis, Scalar
    from machdesc.hints.draft import Draft
    from machdesc.syntax.tree import Statement

_NOT_OURS = frozenset(
    ("memory-backend", "device-memory-region-size", "max-ram-below-4g", "accel", "smp", "memory", "boot")
)
"""Properties of the machine that other statements say, or that follow from them."""


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
        if found.origin == UNKNOWN or is_kept(basis, found, value, "machine", known[name]):
            continue
        if found.origin == WRITTEN:
            draft.found.append(contradicted(basis, "machine", found, value, span))
        else:
            draft.add(statement, name, value, span)
    for name, value in _defaults(basis, known, statement):
        draft.add(statement, name, value, span)


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
