"""The file of one release: machine types, compat tails, aliases, CPU models and the type tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from machdesc.catalog.version import is_numbered
from machdesc.harvest.compat import resolve_bases, resolve_tails
from machdesc.harvest.fact import MachineFact, ReleaseFact
from machdesc.harvest.json_text import emit_json
from machdesc.harvest.version import machine_family

_OPENED = frozenset({"machines", "compat", "follows", "device-aliases", "cpus", "types", "missing"})
_CPU_VERSION = re.compile(r"(?P<model>.+)-v(?P<number>[0-9]+)$")


def resolve_release(fact: ReleaseFact) -> tuple[dict[str, Any], list[str]]:
    """The file's value, and the machine types whose compat list is no extension of the newer one's."""
    told = {machine.name: machine.compat for machine in fact.machines if machine.compat is not None}
    tails, broken = resolve_tails(told)
    value: dict[str, Any] = {
        "release": fact.release,
        "build": fact.build,
        "package": fact.package,
        "arch": fact.arch,
        "machines": {machine.name: _machine(machine) for machine in fact.machines},
    }
    if told:
        value["compat"] = {name: [list(entry) for entry in tails[name]] for name in sorted(tails)}
        bases = resolve_bases(told)
        words = {name: bases[name] for name in sorted(bases) if not is_numbered(name)}
        if words:
            value["follows"] = words
    value["device-aliases"] = dict(fact.device_aliases)
    value["express"] = list(fact.express)
    value["cpus"] = _cpus(fact.cpus)
    value["types"] = dict(fact.tree)
    value["missing"] = dict(fact.missing)
    return value, broken


def emit_release(value: Mapping[str, Any]) -> str:
    """The file's text."""
    return emit_json(value, _OPENED)


def _machine(machine: MachineFact) -> dict[str, Any]:
    about = dict(machine.about)
    first = {"alias": about.pop("alias")} if "alias" in about else {}
    default = about.pop("is-default", False)
    # Told in the file of the family's properties, or of no use to a description.
    return {
        **first,
        "family": machine_family(machine.name),
        "deprecated": about.pop("deprecated", False),
        "default": default,
        **about,
        "buses": dict(machine.buses),
        "builtin": dict(machine.builtin),
        "properties": dict(machine.defaults),
    }


def _cpus(told: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    versions = _versions(told)
    return {
        name: {**about, **({"versions": versions[name]} if name in versions else {})}
        for name, about in told.items()
    }


def _versions(names: Iterable[str]) -> dict[str, list[int]]:
    """The versions of each model that has some."""
    found: dict[str, list[int]] = {}
    for name in names:
        if match := _CPU_VERSION.match(name):
            found.setdefault(match["model"], []).append(int(match["number"]))
    return {model: sorted(numbers) for model, numbers in found.items()}
