"""A machine type: what it is, what it sets otherwise than the next newer one, and what changed
between two of a family."""

from __future__ import annotations

from machdesc.abi.standing import Link, family_members, links, standing
from machdesc.catalog.version import is_numbered
from machdesc.cli.table import aligned, shown, span_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog, MachineType

_TOLD = (("cpu_max", "CPUs at most"), ("default_cpu", "CPU type"), ("default_ram_id", "id of its memory"))


def explain_machine(catalog: Catalog, machine: MachineType) -> list[str]:
    """What it is, and its own entries of compat properties."""
    newest = machine.releases[-1]
    facts = machine.facts(newest)
    aliases = [f"{machine.facts(r).alias} in {r}" for r in machine.releases if machine.facts(r).alias]
    rows = [
        ("QEMU", span_of(machine.releases, catalog.releases)),
        ("deprecated", f"yes, in {newest}" if facts.deprecated else "no"),
        ("alias", ", ".join(aliases)),
        *((words, str(getattr(facts, name))) for name, words in _TOLD),
        ("buses", ", ".join(f"{name} ({type})" for name, type in facts.buses.items())),
        ("at PCI addresses", ", ".join(f"{place} {type}" for place, type in facts.builtin.items())),
    ]
    lines = [f"{machine.name}: a machine type", *aligned((row for row in rows if row[1]), "  "), ""]
    family = family_members(catalog, machine.family)
    place = family.index(machine.name)
    link = links(standing(catalog, newest, machine.name))[-1]
    newer = family[place - 1] if place else ""
    if machine.name != machine.family and not is_numbered(machine.name):
        newer = catalog.follows(machine.name, link.told)
    lines += _entries(link, newer)
    return [*lines, "", "Properties of the machine:", *_defaults(facts.defaults)]


def _entries(link: Link, newer: str) -> list[str]:
    if link.entries is None:
        return ["No known QEMU tells its compat properties."]
    other = f"otherwise than {newer}" if newer else "otherwise than the devices' own defaults"
    if not link.entries:
        return [f"It sets nothing {other}."]
    return [f"It sets {other}, as QEMU {link.told} tells it:", *aligned(link.entries, "  ")]


def _defaults(values: object) -> list[str]:
    assert isinstance(values, dict)
    return aligned(((name, shown(value)) for name, value in values.items()), "  ")


def explain_machine_change(catalog: Catalog, old: MachineType, new: MachineType) -> list[str]:
    """What the newer of two machine types of a family does otherwise: compat properties step by step,
    and the defaults and limits of the machine itself."""
    family = family_members(catalog, old.family)
    older, newer = (old, new) if family.index(old.name) >= family.index(new.name) else (new, old)
    release = next((r for r in reversed(catalog.releases) if {r} <= {*old.releases} & {*new.releases}), "")
    told = release or newer.releases[-1]
    lines = [f"From {old.name} to {new.name}" + (f", as QEMU {release} has both:" if release else ":")]
    lines += _machine_changes(old, new, release)
    steps = [
        link for link in links(standing(catalog, told, older.name)) if _between(family, link, older, newer)
    ]
    for link in reversed(steps):
        after = family[family.index(link.machine) - 1]
        if link.entries is None:
            lines += ["", f"{link.machine}: no known QEMU tells its compat properties."]
        elif link.entries:
            lines += ["", f"{link.machine} sets otherwise than {after}, as QEMU {link.told} tells it:"]
            lines += aligned(link.entries, "  ")
    if not any(link.entries is None or link.entries for link in steps):
        lines += ["", "No compat property changed."]
    return lines


def _between(family: list[str], link: Link, older: MachineType, newer: MachineType) -> bool:
    place = family.index(link.machine)
    return family.index(newer.name) < place <= family.index(older.name)


def _machine_changes(old: MachineType, new: MachineType, release: str) -> list[str]:
    """What differs in the machine itself; nothing can be said when no release has both."""
    sides = old.facts(release or old.releases[-1]), new.facts(release or new.releases[-1])
    rows = [
        (words, shown(getattr(sides[0], name)), shown(getattr(sides[1], name)))
        for name, words in _TOLD
        if getattr(sides[0], name) != getattr(sides[1], name)
    ]
    for name in dict.fromkeys((*sides[0].defaults, *sides[1].defaults)):
        values = [side.defaults.get(name) for side in sides]
        if values[0] != values[1]:
            rows.append((name, shown(values[0]), shown(values[1])))
    if not rows:
        return ["", "The machine itself has the same properties and limits."]
    return ["", *aligned([("the machine's", old.name, new.name), *rows], "  ")]
