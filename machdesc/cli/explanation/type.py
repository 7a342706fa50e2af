"""A type of devices or objects: its properties, and what changed in it between two ABI versions."""

from __future__ import annotations

from machdesc.abi.change import standing_changes
from machdesc.abi.derivation import derived_names
from machdesc.abi.effective import UNKNOWN, Effective, deciding, unwritten
from machdesc.abi.standing import Standing, family_members, standing, version_machine
from machdesc.cli.table import aligned, shown, span_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machdesc.catalog.catalog import Catalog, DeviceType, Property
    from machdesc.model.variant import Variant

    Chain = tuple[Variant, ...]

FAMILIES = ("pc-q35", "pc-i440fx")
"""Families of machine types whose lists are looked into."""


def explain_type(catalog: Catalog, type: DeviceType, kind: str) -> list[str]:
    """What it is, and a line for each property: its kind, its default, and which releases have it."""
    newest = type.releases[-1]
    chosen = derived_names(catalog, newest, type.name)
    lines = [f"{type.name}: a type of {kind}, in QEMU {span_of(type.releases, catalog.releases)}"]
    facts: list[tuple[str, ...]] = [
        ("plugs into", type.bus(newest)),
        ("offers", ", ".join(f"ID{end} ({bus})" for end, bus in type.offers(newest).items())),
        ("parts", ", ".join(dict.fromkeys(_devices(catalog, type, newest)))),
        (
            "descends from",
            ", ".join(name for name in type.parents(newest) if name not in ("object", "device")),
        ),
        ("left open", ", ".join(chosen) + ": QEMU chooses these" if chosen else ""),
    ]
    lines += aligned((fact for fact in facts if fact[1]), "  ")
    names = sorted({name for release in type.releases for name in type.properties(release)})
    rows: list[tuple[str, ...]] = [("property", "kind", "default", "QEMU")]
    for name in names:
        rows += _property_rows(catalog, type, name)
    return [*lines, "", *aligned(rows)]


def _devices(catalog: Catalog, type: DeviceType, release: str) -> list[str]:
    return [part for part in type.parts(release).values() if "device" in catalog.ancestors(part, release)]


def _property_rows(catalog: Catalog, type: DeviceType, name: str) -> list[tuple[str, ...]]:
    """A row for each form that a property has had."""
    forms: dict[tuple[str, str], list[str]] = {}
    for release in type.property_releases(name):
        known = type.properties(release)[name]
        forms.setdefault((_kind(known), shown(known.default)), []).append(release)
    rows: list[tuple[str, ...]] = []
    for place, ((kind, default), releases) in enumerate(forms.items()):
        rows.append(("" if place else name, kind, default, span_of(tuple(releases), catalog.releases)))
    return rows


def _kind(known: Property) -> str:
    """What a property takes, in few words."""
    if known.kind == "enum":
        return "|".join(known.enum)
    if known.kind == "bool":
        return "on|off"
    if known.refers:
        return f"ID of {known.refers}"
    return {"str": "text", "int": "number", "any": known.qemu or "any"}.get(known.kind, known.kind)


class UnknownVersion(Exception):
    """An ABI version that no machine type has; the message says which there are."""


def explain_type_change(
    catalog: Catalog, type: DeviceType, old: str, new: str, find: Callable[[str], Chain]
) -> list[str]:
    """What a newer, or older, ABI version sets otherwise for a type; `find` finds machine types of the
    user's own, which only some family may have.

    :raises UnknownVersion: when no machine type of a PC has such a version.
    """
    lines: list[str] = []
    told: dict[tuple[tuple[str, ...], ...], str] = {}
    known = [f for f in FAMILIES if all(_is_known(catalog, f, version, find) for version in (old, new))]
    for family in known or FAMILIES:
        sides = (
            _standing(catalog, type, family, old, find),
            _standing(catalog, type, family, new, find),
        )
        rows = [_change_row(type, name, *sides) for name in standing_changes(type.name, *sides)]
        key = tuple(rows)
        if key in told:
            lines.append(f"Under {family} it is the same.")
            continue
        told[key] = family
        head = f"{type.name} from {old} to {new}, under {family} as QEMU {sides[1].release} has it"
        if rows:
            lines += [f"{head}:", *aligned([("property", old, new, "until", "set for"), *rows], "  "), ""]
        else:
            lines += [f"{head}: nothing changed.", ""]
    return lines


def _is_known(catalog: Catalog, family: str, version: str, find: Callable[[str], Chain]) -> bool:
    machine = version_machine(family, version)
    return catalog.machine(machine) is not None or bool(find(machine))


def _standing(
    catalog: Catalog, type: DeviceType, family: str, version: str, find: Callable[[str], Chain]
) -> Standing:
    """A version, as the newest release that has the type tells it."""
    machine = version_machine(family, version)
    chain = find(machine) if catalog.machine(machine) is None else ()
    if chain:
        return standing(catalog, type.releases[-1], chain[0].base.text, chain)
    if catalog.machine(machine) is None:
        known = ", ".join(name.removeprefix(f"{family}-") for name in family_members(catalog, family))
        raise UnknownVersion(f"no known QEMU has {machine}; versions are {known}")
    return standing(catalog, type.releases[-1], machine)


def _change_row(type: DeviceType, name: str, old: Standing, new: Standing) -> tuple[str, ...]:
    """The property, both values, the last version that has the older one, and for which driver."""
    sides = [_value(type, name, side) for side in (old, new)]
    texts = [shown(side.value) if side is not None else "(not there)" for side in sides]
    settings = [deciding(side, type.name, name) for side in (old, new)]
    found = [setting for setting in settings if setting is not None]
    if not found:
        return name, *texts, "", next((s.detail for s in sides if s is not None and s.origin == UNKNOWN), "")
    setting = max(found, key=lambda setting: setting.place)
    if setting.span is not None:
        place = f"{setting.span[2].name}:{setting.span[2].location(setting.span[0])[0]}"
        return name, *texts, "", f"{setting.driver}, {place}"
    return name, *texts, setting.machine.rpartition("-")[2], setting.driver


def _value(type: DeviceType, name: str, side: Standing) -> Effective | None:
    try:
        return unwritten(side, type.name, name)
    except KeyError:
        return None
