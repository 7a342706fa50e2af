"""Compat lists as tails: a machine type is the next newer one of its family and a few entries more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from machdesc.harvest.fact import Compat
from machdesc.harvest.version import machine_family, machine_key


def family_order(machines: Iterable[str]) -> dict[str, list[str]]:
    """Machine types by family, newest first."""
    families: dict[str, list[str]] = {}
    for machine in sorted(machines, key=machine_key, reverse=True):
        families.setdefault(machine_family(machine), []).append(machine)
    return families


def resolve_tails(lists: Mapping[str, Compat]) -> tuple[dict[str, Compat], list[str]]:
    """Cuts each machine type's whole list down to what it adds to the next newer one's.

    The newest of a family keeps its whole list. A list that does not begin with the newer one's
    is named in the second result: its tail would not be the truth.
    """
    tails: dict[str, Compat] = {}
    broken = []
    for machines in family_order(lists).values():
        newer: Compat = ()
        for machine in machines:
            whole = lists[machine]
            if whole[: len(newer)] != newer:
                broken.append(machine)
            tails[machine] = whole[len(newer) :]
            newer = whole
    return tails, broken
