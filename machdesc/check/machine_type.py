"""Comparison of two machine types of the user's own: is the newer one the ABI that the older one promised?

Compared is what a guest could have: every type of devices and of processors that one of the two says
anything of, the machine's own devices, and the machine. After this phase: findings, as of two guests.
"""

from __future__ import annotations

from machdesc.abi.change import standing_changes
from machdesc.abi.effective import deciding, unwritten
from machdesc.abi.makeup import makeup_of
from machdesc.abi.onboard import own_types
from machdesc.abi.standing import Standing, machine_standing
from machdesc.check.compare import judge_all
from machdesc.check.difference import Difference, differ
from machdesc.check.part.machine import compare_machine, machine_span
from machdesc.check.part.onboard import compare_own_devices
from machdesc.check.part.reach import kind_of_property
from machdesc.check.part.value import same_effect, shown
from machdesc.check.visible import visibility
from machdesc.resolve.entry import check_entries
from machdesc.resolve.guest import Guest
from machdesc.resolve.variant import Shelf, chain_of, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.abi.effective import Effective
    from machdesc.catalog.catalog import Catalog
    from machdesc.check.finding import Finding
    from machdesc.diagnostic import Diagnostic
    from machdesc.model.guest import Description
    from machdesc.syntax.tree import Span

_TOLD_TYPES = 3
"""How many of several types a message names."""


def bare_guest(
    description: Description, catalog: Catalog, release: str, machine_types: tuple[str, ...]
) -> tuple[Guest | None, list[Diagnostic]]:
    """A guest with nothing in it under the machine type that a description describes; None when that has
    errors, or when the release lacks QEMU's machine type."""
    shelf = Shelf(description.source.name, description.files, machine_types)
    chain, diagnostics = chain_of(description, shelf, catalog)
    diagnostics = [*shelf.diagnostics, *diagnostics]
    if not chain:
        return None, diagnostics
    root = root_of(chain, catalog)
    diagnostics += check_entries(chain, catalog, release)
    machine = root if release in root.releases else None
    schema = catalog.machine_schema(root.family)
    guest = Guest(description, catalog, release, root.name, machine, schema, "", None, (), {}, chain)
    return guest, diagnostics


def compare_machine_types(old: Guest, new: Guest) -> list[Finding]:
    """All that differs between two machine types, by bare guests under them."""
    own = compare_machine(old, new), compare_own_devices(old, new)
    return judge_all([*own[0], *own[1], *_devices(old, new)], old, new)


def _devices(old: Guest, new: Guest) -> Iterable[Difference]:
    """What differs in the types of devices; of types in which the same differs, in one."""
    before, after = machine_standing(old), machine_standing(new)
    groups: dict[tuple[object, ...], list[Difference]] = {}
    for type in _touched(old, new):
        for name in standing_changes(type, before, after):
            sides = _found(before, type, name), _found(after, type, name)
            values = [side.value if side is not None else None for side in sides]
            if same_effect(name, kind_of_property(after, type, name), *values):
                continue
            doubt = next((s.detail for s in sides if s is not None and s.value is None), "")
            spans = [
                _place(standing, type, name) or machine_span(guest)
                for standing, guest in ((before, old), (after, new))
            ]
            texts = tuple(shown(value) for value in values)
            what = f"`{name}` of `{type}`"
            difference = differ("device-property", type, what, texts, spans, doubt, type, name)
            key = name.rpartition(".")[2], doubt, texts, tuple(spans), visibility(difference, new)
            groups.setdefault(key, []).append(difference)
    for group in groups.values():
        first = group[0]
        if len(group) > 1:
            names = ", ".join(f"`{other.type}`" for other in group[:_TOLD_TYPES])
            more = " and others" if len(group) > _TOLD_TYPES else ""
            what = f"`{first.name.rpartition('.')[2]}` of {len(group)} types ({names}{more})"
            first = first._replace(what=what, subject=_driver(before, after, first))
        yield first


def _touched(old: Guest, new: Guest) -> list[str]:
    """The types that something is said of, but for those that only the machine itself makes."""
    drivers = {
        entry.driver.text for side in (old, new) for variant in side.chain for entry in variant.entries
    }
    catalog, release = new.catalog, new.release
    own = {
        type for type in own_types(new) if (known := catalog.device(type)) and not known.creatable(release)
    }
    processors = [f"{name}-{catalog.arch}-cpu" for name in catalog.names("cpu")]
    found = []
    for type in (*catalog.names("device"), *processors):
        makeup = makeup_of(catalog, release, type)
        parts = (makeup.own, *makeup.parts, *makeup.realized)
        if type not in own and any(drivers.intersection(part.drivers) for part in parts):
            found.append(type)
    return found


def _driver(old: Standing, new: Standing, difference: Difference) -> str:
    """The type by whose name the machine types set a property."""
    settings = (deciding(side, difference.type, difference.name) for side in (new, old))
    own = (setting.driver for setting in settings if setting is not None and setting.span is not None)
    return next(own, difference.type)


def _found(standing: Standing, type: str, name: str) -> Effective | None:
    try:
        return unwritten(standing, type, name)
    except KeyError:
        return None


def _place(standing: Standing, type: str, name: str) -> Span | None:
    setting = deciding(standing, type, name)
    return setting.span if setting is not None else None
