"""Hints of the processors: how many there are, and what their model does not decide; the model itself has to
be the same."""

from __future__ import annotations

from machdesc.abi.effective import DEFAULT, UNKNOWN, WRITTEN
from machdesc.abi.makeup import makeup_of
from machdesc.abi.processor import cpu_effective, cpu_model, cpu_type
from machdesc.abi.shown import is_shown
from machdesc.abi.standing import machine_standing
from machdesc.abi.topology import topology
from machdesc.diagnostic import error
from machdesc.hints.basis import changes, contradicted, gone, is_kept
from machdesc.model.heading import heading
from machdesc.syntax.tree import Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from machdesc.hints.basis import Basis, Scalar
    from machdesc.hints.draft import Draft
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Span


def model_name(guest: Guest, type: str) -> str:
    """The CPU model of a QOM type, such as `Haswell` of `Haswell-x86_64-cpu`."""
    return type.removesuffix(f"-{guest.catalog.arch}-cpu")


def is_model(guest: Guest, shown: str) -> bool:
    """Whether a guest's CPU model is the one that QEMU shows: by this name, or by another one that means
    the same, as `qemu64` means `qemu64-v1`."""
    model = cpu_model(guest).value
    return shown in (model, guest.cpu_name) or cpu_model(guest._replace(cpu_name=shown)).value == model


def lay_processors(basis: Basis, draft: Draft, span: Span) -> None:
    """The number and the properties of CPUs, to the statement `cpu`. `span` is the machine's.

    Codes: hint-contradicted, hint-without-property.
    """
    guest = basis.guest
    statement = guest.description.one("cpu")
    place = heading(statement) if statement is not None else span
    had = model_name(guest, basis.hints.cpu)
    added = [*_numbers(basis, draft, place)]
    if had and not is_model(guest, had):
        message = f"the CPU model is `{cpu_model(guest).value}`, and {basis.file} has `{had}`"
        help = "write the model and the version that the guest has, or dump again"
        draft.found.append(error("hint-contradicted", message, place, "", help))
    elif had:
        changed = changes(basis, cpu_type(guest), machine_standing(guest), basis.hints.cpu_values)
        written = {item.name for item in statement.properties} if statement is not None else set()
        added += _values(basis)
        added += _flags(basis, draft, place)
        added += [(name, value) for name, value in changed if name not in written]
    if statement is not None:
        for name, value in added:
            draft.add(statement, name, value, place)
    elif added:
        draft.add_statement("cpu", Word(model_name(guest, cpu_type(guest)), place), added, place)


def _numbers(basis: Basis, draft: Draft, span: Span) -> Iterator[tuple[str, Scalar]]:
    """How many there are, and may be, and what they are grouped in: all of it where nothing is contradicted,
    since one number follows from the others."""
    found = topology(basis.guest)
    had = {name: value for name, value in basis.hints.topology.items() if name in found}
    other = {name: value for name, value in had.items() if found[name].value != value}
    wrong = [name for name in other if found[name].origin == WRITTEN]
    draft.found += [contradicted(basis, "cpu", found[name], had[name], span) for name in wrong]
    if not wrong:
        yield from other.items()


def _values(basis: Basis) -> Iterator[tuple[str, Scalar]]:
    """What QEMU told of the processors, and they would not have again."""
    makeup = makeup_of(basis.guest.catalog, basis.guest.release, cpu_type(basis.guest))
    for name, value in basis.hints.cpu_values.items():
        property = makeup.property(name)
        if property is None:
            continue  # a feature that this release does not know cannot be shown
        found = cpu_effective(basis.guest, name)
        if name in basis.hints.cpu_flags or found.origin in (UNKNOWN, DEFAULT):
            continue
        if found.origin == WRITTEN or is_kept(basis, found, value, "cpu", property):
            continue  # what is asked for and what the host can do are two things
        yield name, value


def _flags(basis: Basis, draft: Draft, span: Span) -> Iterator[tuple[str, Scalar]]:
    """What the command line gave."""
    makeup = makeup_of(basis.guest.catalog, basis.guest.release, cpu_type(basis.guest))
    for name, value in basis.hints.cpu_flags.items():
        if makeup.property(name) is None:
            draft.found += gone(basis, "cpu", "", name, value, span)
            continue
        found = cpu_effective(basis.guest, name)
        if found.origin != WRITTEN:
            yield name, value
        elif not is_shown(found, value):
            draft.found.append(contradicted(basis, "cpu", found, value, span))
