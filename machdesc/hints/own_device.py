"""Hints of the devices that a machine brings along: what they had by its compat properties, as globals.

What is not the same for all of one type is their place, or their number; what no compat property says is
said by the machine's code, which says it again.
"""

from __future__ import annotations

from machdesc.abi.effective import unwritten
from machdesc.abi.makeup import makeup_of
from machdesc.abi.onboard import own_types
from machdesc.abi.shown import is_shown
from machdesc.abi.standing import machine_standing, standing
from machdesc.hints.basis import changes, gone, is_kept
from machdesc.resolve.address import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.abi.standing import Standing
    from machdesc.hints.basis import Basis, Scalar
    from machdesc.hints.draft import Draft
    from machdesc.syntax.tree import Span

_PLACES = frozenset(name for kind in KINDS.values() for name in kind.properties)
"""Properties that say where a device is; the machine says that."""


def lay_own_devices(basis: Basis, draft: Draft, span: Span) -> None:
    """What the machine's devices would not have again. `span` is the machine's.

    Codes: hint-without-property, hint-conflict.
    """
    guest = basis.guest
    values: dict[str, list[Mapping[str, Scalar]]] = {}
    for hint in basis.hints.devices:
        if not hint.given:
            values.setdefault(hint.type, []).append(hint.values)
    now, former = machine_standing(guest), _former(basis)
    for type in own_types(guest):
        makeup = makeup_of(guest.catalog, guest.release, type)
        each = values.get(type, [{}])
        owner = f"the machine's {type}"
        for name, value in each[0].items():
            if name in _PLACES or any(other.get(name) != value for other in each):
                continue
            if not _is_unwritten(former, type, name, value):
                continue
            property = makeup.property(name)
            if property is None:
                draft.found += gone(basis, owner, type, name, value, span)
            elif not is_kept(basis, unwritten(now, type, name), value, type, property):
                draft.add_global(_inside(type, name), value, owner, span)
        for name, value in changes(basis, type, now, each[0]):
            draft.add_global(_inside(type, name), value, owner, span)


def _former(basis: Basis) -> Standing:
    """The standing of a machine's own devices in the QEMU that was asked."""
    catalog, release = basis.guest.catalog, basis.hints.release
    known = release if release in catalog.releases else catalog.releases[-1]
    return standing(catalog, known, basis.hints.machine)


def _is_unwritten(standing: Standing, type: str, name: str, value: Scalar) -> bool:
    """Whether a value is the one that a device of a machine has when nobody says anything."""
    try:
        return is_shown(unwritten(standing, type, name), value)
    except KeyError:
        return False


def _inside(type: str, name: str) -> str:
    """A property with the type that a global names: a part's own, else the device's."""
    part, _, key = name.rpartition(".")
    return f"{part or type}.{key}"
