"""The file of one type: a JSON Schema that holds what every harvested release says of it.

In memory a document is one record per release, so replacing a release touches no other and the
order of harvests cannot matter; only the text folds equal releases together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from machdesc.catalog.version import version_key
from machdesc.harvest.fact import TypeFact
from machdesc.harvest.json_text import emit_json
from machdesc.harvest.schema import emit_property

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SPANNED = ("parents", "bus", "offers", "parts", "hotpluggable", "user-creatable")
_OPENED = frozenset({"properties"})


@dataclass(frozen=True)
class Edition:
    """What one release says of a type: its description, what spans tell, and its properties' schemas."""

    description: str
    about: Mapping[str, Any]
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


Document = Mapping[str, Edition]
"""Release to edition."""


def resolve_edition(fact: TypeFact) -> Edition:
    """What the harvest of one release says of a type."""
    told = {
        "parents": list(fact.parents),
        "bus": fact.bus,
        "offers": dict(fact.offers),
        "parts": dict(fact.parts),
        "hotpluggable": fact.hotpluggable,
        "user-creatable": fact.user_creatable,
    }
    about = {key: value for key, value in told.items() if value not in ([], "", {}, None)}
    return Edition(
        fact.description, about, {property.name: emit_property(property) for property in fact.properties}
    )


def emit_document(arch: str, kind: str, name: str, document: Document) -> str:
    """The file's text."""
    releases = sorted(document, key=version_key)
    value: dict[str, object] = {"$schema": _DIALECT, "$id": f"machdesc:{arch}/{kind}/{name}", "title": name}
    descriptions = {release: document[release].description for release in releases}
    if newest := descriptions[releases[-1]]:
        value["description"] = newest
    if len(set(descriptions.values())) > 1:
        value["descriptions"] = _fold(releases, descriptions)
    value["releases"] = releases
    for key in _SPANNED:
        told = {
            release: document[release].about[key] for release in releases if key in document[release].about
        }
        if told:
            value[key] = _fold(releases, told)
    value["type"] = "object"
    value["additionalProperties"] = False
    names = sorted({name for edition in document.values() for name in edition.properties})
    value["properties"] = {name: _emit_variants(releases, document, name) for name in names}
    return emit_json(value, _OPENED)


def parse_document(value: Mapping[str, Any]) -> dict[str, Edition]:
    """The document out of a file's JSON; `emit_document` of it gives the file again."""
    releases: list[str] = value["releases"]
    described = {release: value.get("description", "") for release in releases}
    described.update(_unfold(releases, value.get("descriptions", {})))
    about: dict[str, dict[str, Any]] = {release: {} for release in releases}
    for key in _SPANNED:
        for release, told in _unfold(releases, value.get(key, {})).items():
            about[release][key] = told
    properties: dict[str, dict[str, Any]] = {release: {} for release in releases}
    for name, schema in value["properties"].items():
        for variant in schema.get("anyOf", [schema]):
            bare = {key: item for key, item in variant.items() if key != "releases"}
            for release in variant["releases"]:
                properties[release][name] = bare
    return {release: Edition(described[release], about[release], properties[release]) for release in releases}


def _emit_variants(releases: Iterable[str], document: Document, name: str) -> dict[str, object]:
    variants: list[dict[str, Any]] = []
    for release in releases:
        schema = document[release].properties.get(name)
        if schema is None:
            continue
        for variant in variants:
            if _same({key: item for key, item in variant.items() if key != "releases"}, schema):
                variant["releases"].append(release)
                break
        else:
            variants.append({**schema, "releases": [release]})
    return variants[0] if len(variants) == 1 else {"anyOf": variants}


def _fold(releases: list[str], told: Mapping[str, Any]) -> dict[str, Any]:
    """Runs of neighbouring releases that say the same, each under its span `A..B` or `A`."""
    runs: list[tuple[list[str], Any]] = []
    before = None
    for release in releases:
        if release in told:
            if before is not None and _same(runs[-1][1], told[release]):
                runs[-1][0].append(release)
            else:
                runs.append(([release], told[release]))
            before = release
        else:
            before = None
    return {run[0] if len(run) == 1 else f"{run[0]}..{run[-1]}": item for run, item in runs}


def _unfold(releases: list[str], spans: Mapping[str, Any]) -> dict[str, Any]:
    told = {}
    for span, item in spans.items():
        first, _, last = span.partition("..")
        start, end = releases.index(first), releases.index(last or first)
        told.update(dict.fromkeys(releases[start : end + 1], item))
    return told


def _same(one: object, other: object) -> bool:
    """Equality that tells `true` from `1`, in values and below."""
    return repr(one) == repr(other)
