"""The machine's own properties: what each has, and where that comes from.

Compat properties reach devices only; what a machine type changes of itself shows in its defaults,
which every release tells of every machine type that it has.
"""

from __future__ import annotations

from machdesc.abi.effective import COMPAT, DEFAULT, UNKNOWN, WRITTEN, Effective, is_same
from machdesc.abi.machine_choice import choose
from machdesc.schema.validate import json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property


def machine_effective(guest: Guest, name: str) -> Effective:
    """The effective value of one property of the machine.

    :raises KeyError: when the release knows no such property.
    """
    known = guest.machine_schema.properties(guest.release).get(name) if guest.machine_schema else None
    statement = guest.description.one("machine")
    for item in statement.properties if statement is not None else ():
        if item.name == name:
            value = json_value(known, item.value)
            return choose(guest, Effective(name, value, WRITTEN, "in `machine`", item.span))
    return choose(guest, _unwritten(guest, name))


def machine_values(guest: Guest) -> Mapping[str, Effective]:
    """All properties of the machine, by name."""
    known = guest.machine_schema.properties(guest.release) if guest.machine_schema is not None else ()
    return {name: machine_effective(guest, name) for name in known}


def machine_changed_names(old: Guest, new: Guest) -> tuple[str, ...]:
    """The machine's properties whose default, or what is chosen for it, differs between the machine
    types or releases of two guests; of those that only one release has, none."""
    if old.machine_name == new.machine_name and old.release == new.release and old.chain == new.chain:
        return ()
    before, after = _defaults(old), _defaults(new)
    names = [name for name, value in before.items() if name in after and after[name] != value]
    own = (item.name for side in (old, new) for variant in side.chain for item in variant.properties)
    names += [name for name in dict.fromkeys(own) if name not in names and _is_known(old, new, name)]
    return tuple(
        name
        for name in names
        if not is_same(choose(old, _unwritten(old, name)), choose(new, _unwritten(new, name)))
    )


def variant_properties(guest: Guest) -> Mapping[str, Property]:
    """The machine's properties that its type, one of the user's own, sets otherwise than QEMU's, by name."""
    return {item.name: item for variant in guest.chain for item in variant.properties}


def _is_known(old: Guest, new: Guest, name: str) -> bool:
    schemas = (old.machine_schema, old.release), (new.machine_schema, new.release)
    return all(schema is not None and name in schema.properties(release) for schema, release in schemas)


def _defaults(guest: Guest) -> Mapping[str, object]:
    return guest.machine.facts(guest.release).defaults if guest.machine is not None else {}


def _unwritten(guest: Guest, name: str) -> Effective:
    own = variant_properties(guest).get(name) if guest.chain else None
    if own is not None and guest.machine_schema is not None:
        value = json_value(guest.machine_schema.properties(guest.release).get(name), own.value)
        return Effective(name, value, COMPAT, f"property of {guest.abi_name}", own.span)
    defaults = _defaults(guest)
    if name in defaults:
        detail = f"default of {guest.machine_name} in QEMU {guest.release}"
        return Effective(name, defaults[name], DEFAULT, detail, None)
    if guest.machine_schema is None or name not in guest.machine_schema.properties(guest.release):
        raise KeyError(name)
    if guest.machine_schema.properties(guest.release)[name].kind == "str":
        return Effective(name, "", DEFAULT, f"empty in QEMU {guest.release}", None)
    return Effective(name, None, UNKNOWN, f"QEMU {guest.release} does not tell its default", None)
