"""What every part of an overlay goes by: the guest, the hints, and when one of them has to be written."""

from __future__ import annotations

from machdesc.abi.effective import UNKNOWN, unwritten
from machdesc.abi.onboard import own_changes
from machdesc.abi.shown import is_shown, why_changed, why_made_up
from machdesc.abi.version import option_text
from machdesc.diagnostic import Diagnostic, error
from machdesc.hints.refused import is_refused
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from typing import TypeAlias

    from machdesc.abi.effective import Effective
    from machdesc.abi.standing import Standing
    from machdesc.catalog.catalog import Property as Known
    from machdesc.hints.hint import Hints
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Span

    Scalar: TypeAlias = "bool | int | str"


class Basis(Record):
    """A guest, hints and the name of their file.

    `wanted` is how the machine type that was dumped stands in the guest's release; None when it is the
    guest's own, or nobody tells. With `wishes`, what QEMU may have chosen by itself is kept of these owners
    and properties alone.
    """

    guest: Guest
    hints: Hints
    file: str
    wanted: Standing | None
    wishes: Container[tuple[str, str]] | None


def is_kept(
    basis: Basis, found: Effective, value: Scalar, type: str, known: Known | None, owner: str = ""
) -> bool:
    """Whether the guest has a value already, or QEMU makes it up by itself, or refuses to be told it."""
    if is_refused(basis.guest.catalog, basis.guest.release, type, found.name, value):
        return True
    is_wanted = basis.wishes is None or (owner, found.name) in basis.wishes
    if found.origin == UNKNOWN and (value == "" or not is_wanted):
        return True
    return is_shown(found, value) or bool(why_changed(type, found, known.qemu if known is not None else ""))


def changes(
    basis: Basis, type: str, now: Standing, told: Mapping[str, Scalar]
) -> Iterator[tuple[str, Scalar]]:
    """What the dumped machine type sets of a type in the guest's release, but for what was told."""
    if basis.wanted is None:
        return
    for name in own_changes(type, now, basis.wanted):
        value = unwritten(basis.wanted, type, name).value
        if name not in told and isinstance(value, (bool, int, str)) and value != "":
            yield name, value


def contradicted(basis: Basis, owner: str, found: Effective, value: Scalar, span: Span) -> Diagnostic:
    """The description says something else than the hints."""
    here, there = option_text(found.value), option_text(value)
    message = f"{owner}: `{found.name}` is {here} here, and {there} in {basis.file}"
    help = f"remove `{found.name}` to keep what the guest has, or dump again after the change"
    return error("hint-contradicted", message, found.span or span, "", help)


def gone(basis: Basis, owner: str, type: str, name: str, value: Scalar, span: Span) -> list[Diagnostic]:
    """A property that the release does not have: told unless it had its default, or what QEMU makes up, so
    that nobody set it. `type` is empty for the machine and its processors."""
    if _was_default(basis.guest, type, name, value) or why_made_up(type, name):
        return []
    message = (
        f"{owner}: QEMU {basis.guest.release} has no `{name}`, which was {option_text(value)} in "
        f"QEMU {basis.hints.version}"
    )
    help = "compile for a QEMU that has it"
    return [error("hint-without-property", message, span, "", help)]


def _was_default(guest: Guest, type: str, name: str, value: Scalar) -> bool:
    """Whether a value is what the property is when nothing is said, in some release that has it."""
    part, _, key = name.rpartition(".")
    schema = guest.catalog.device(part or type) if type else guest.machine_schema
    if schema is None:
        return value in ("", 0, False)
    for release in schema.property_releases(key):
        default = schema.properties(release)[key].default
        if default is None:
            return value in ("", 0, False)
        if default == value or {"on": True, "off": False}.get(str(default)) is value:
            return True
    return False
