"""Reads a file of a harvested catalog, and refuses one that is not as `machdesc harvest` writes it.

The shipped catalog is a generated table, which is read without this.
"""

from __future__ import annotations

import re

from machdesc.catalog.file import read_document
from machdesc.shape import ANY, NUMBER, Text, Whole, misfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any


class DamagedCatalog(ValueError):
    """A file of a catalog that is damaged; the text names it and says what is wrong and what to do."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"the catalog is damaged: {path}: {what}. Take it from git, or harvest again")


RELEASE_NAME = Text(re.compile(r"[0-9]{1,4}\.[0-9]{1,4}(\+[A-Za-z0-9.-]{1,64})?"), "a release such as 10.0")
_RELEASES = [RELEASE_NAME]
_SCALAR = (str, bool, NUMBER, float)
_COUNT = Whole(0, (1 << 32) - 1)

RELEASE: dict[str, Any] = {
    "release": RELEASE_NAME,
    "build": str,
    "package": str,
    "arch": str,
    "machines": {
        str: {
            "family": str,
            "alias?": str,
            "deprecated?": bool,
            "default?": bool,
            "cpu-max?": _COUNT,
            "default-cpu-type?": str,
            "default-ram-id?": str,
            "hotpluggable-cpus?": bool,
            "buses?": {str: str},
            "builtin?": {str: str},
            "properties?": {str: (*_SCALAR, [ANY], {str: ANY})},
        }
    },
    "compat?": {str: [[str]]},
    "follows?": {str: str},
    "device-aliases": {str: str},
    "express?": [str],
    "cpus": {str: {"alias-of?": str, "deprecated?": bool, "versions?": [_COUNT]}},
    "types": {str: str},
    "missing?": {str: str},
}
"""`release/RELEASE.json`"""

_PROPERTY = {
    "releases": _RELEASES,
    "type?": str,
    "qemu?": str,
    "minimum?": NUMBER,
    "maximum?": NUMBER,
    "enum?": [str],
    "default?": (*_SCALAR, [ANY], {str: ANY}),
    "refers?": str,
    "description?": str,
    "items?": {str: ANY},
}

TYPE: dict[str, Any] = {
    "title": str,
    "releases": _RELEASES,
    "description?": str,
    "descriptions?": {str: str},
    "parents?": {str: [str]},
    "bus?": {str: str},
    "offers?": {str: {str: str}},
    "parts?": {str: {str: str}},
    "user-creatable?": {str: bool},
    "hotpluggable?": {str: bool},
    "properties": {str: ({"anyOf": [_PROPERTY]}, _PROPERTY)},
}
"""`device/TYPE.json` and its like."""

_SPANS = ("descriptions", "parents", "bus", "offers", "parts", "user-creatable", "hotpluggable")

LAYOUTS: dict[str, Any] = {
    "release": str,
    "sections": {str: str},
    "descriptions": {
        str: {
            "version": NUMBER,
            "minimum": NUMBER,
            "fields?": [
                {
                    "field": str,
                    "size": NUMBER,
                    "num?": NUMBER,
                    "version?": NUMBER,
                    "conditional?": bool,
                    "of?": str,
                }
            ],
            "subsections?": [str],
        }
    },
}
"""`vmstate/RELEASE.json`"""


def read_file(path: Path, shape: Mapping[str, Any]) -> Any:
    """The value of a file, which has a shape.

    :raises DamagedCatalog: when it has another.
    :raises OSError: when it cannot be read.
    """
    try:
        value = read_document(path)
    except ValueError as error:
        raise DamagedCatalog(path, str(error)) from error
    if why := misfit(value, shape):
        raise DamagedCatalog(path, why)
    return value


def read_release(path: Path) -> Any:
    """The value of a file of a release."""
    value = read_file(path, RELEASE)
    if value["release"] != path.stem:
        raise DamagedCatalog(path, f"is of {value['release']}")
    if any(len(entry) != 3 for entries in value.get("compat", {}).values() for entry in entries):
        raise DamagedCatalog(path, "an entry of `compat` has not three words")
    if around := _circle({name: [parent] for name, parent in value["types"].items()}):
        raise DamagedCatalog(path, f"the type `{around}` descends from itself")
    return value


def read_type(path: Path, releases: Mapping[str, object]) -> Any:
    """The value of a file of a type, of which these releases are known."""
    value = read_file(path, TYPE)
    own = value["releases"]
    properties = (each for found in value["properties"].values() for each in found.get("anyOf", [found]))
    said = [*own, *(name for each in properties for name in each["releases"])]
    if unknown := [name for name in said if name not in releases]:
        raise DamagedCatalog(path, f"there is no file of release {unknown[0]}")
    for key in (key for name in _SPANS for key in value.get(name, {})):
        first, _, last = key.partition("..")
        if first not in own or (last or first) not in own:
            raise DamagedCatalog(path, f"`{key}` is no span of its releases")
    return value


def read_layouts_file(path: Path) -> Any:
    """The value of a file of layouts."""
    value = read_file(path, LAYOUTS)
    known = {
        key: [*each.get("subsections", ()), *(f["of"] for f in each.get("fields", ()) if "of" in f)]
        for key, each in value["descriptions"].items()
    }
    named = [*value["sections"].values(), *(key for below in known.values() for key in below)]
    if missing := [key for key in named if key not in known]:
        raise DamagedCatalog(path, f"there is no description `{missing[0]}`")
    if around := _circle(known):
        raise DamagedCatalog(path, f"the description `{around}` is a part of itself")
    return value


def _circle(below: Mapping[str, Iterable[str]]) -> str:
    """A name that is below itself, by the names that are below each; empty when none is."""
    from graphlib import CycleError, TopologicalSorter

    try:
        TopologicalSorter(below).prepare()
    except CycleError as found:
        return str(found.args[1][0])
    return ""
