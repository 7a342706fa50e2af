"""Compat lists as tails: a machine type is the next newer one of its family and a few entries more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from machdesc.catalog.version import is_numbered
from machdesc.harvest.fact import Compat
from machdesc.harvest.version import machine_family, machine_key


def family_order(machines: Iterable[str]) -> dict[str, list[str]]:
    """Machine types by family, newest first."""
    families: dict[str, list[str]] = {}
    for machine in sorted(machines, key=machine_key, reverse=True):
        families.setdefault(machine_family(machine), []).append(machine)
    return families


def resolve_tails(lists: Mapping[str, Compat]) -> tuple[dict[str, Compat], list[str]]:
    """Cuts each machine type's whole list down to what it adds to that of the one that it follows.

    The newest of a family keeps its whole list. A list that does not begin with that of the next newer
    one is named in the second result: its tail would not be the truth.
    """
    tails: dict[str, Compat] = {}
    broken = []
    bases = resolve_bases(lists)
    for machines in family_order(lists).values():
        for machine in machines:
            base = lists[bases[machine]] if machine in bases else ()
            if lists[machine][: len(base)] != base:
                broken.append(machine)
            tails[machine] = lists[machine][len(base) :]
    return tails, broken


def resolve_bases(lists: Mapping[str, Compat]) -> dict[str, str]:
    """The machine type that each follows: of those whose versions are numbers, the next newer one; of a
    distribution's, whose words have no such order, the one with the longest list that its own begins with."""
    bases: dict[str, str] = {}
    for machines in family_order(lists).values():
        placed = [machine for machine in machines if is_numbered(machine)]
        bases.update(zip(placed[1:], placed, strict=False))
        words = [machine for machine in machines if machine not in placed]
        for machine in sorted(words, key=lambda name: len(lists[name])):
            fitting = [name for name in placed if lists[machine][: len(lists[name])] == lists[name]]
            if fitting:
                bases[machine] = max(fitting, key=lambda name: len(lists[name]))
            placed.append(machine)
    return bases
