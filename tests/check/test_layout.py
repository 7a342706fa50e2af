"""Layouts of saved states against each other: one fabricated dump for every kind of difference."""

from __future__ import annotations

import re
from typing import Any

import pytest

from machdesc.catalog.layout import Layouts
from machdesc.check.layout import CERTAIN, FIELD, SUBSECTION, Obstacle, find_obstacles
from machdesc.harvest.vmstate_file import resolve_layouts


def field(name: str, size: int = 4, **more: Any) -> dict[str, Any]:
    """A field as QEMU dumps it."""
    told = {"field": name, "version_id": 0, "field_exists": False, "size": size}
    return {**told, **more}


def description(*fields: dict[str, Any], name: str = "card", **more: Any) -> dict[str, Any]:
    """A description as QEMU dumps it, without subsections."""
    return {"name": name, "version_id": 1, "minimum_version_id": 1, "Fields": list(fields), **more}


def struct(*fields: dict[str, Any], name: str = "inner", **more: Any) -> dict[str, Any]:
    """A field that is a structure; its own size is that in memory and means nothing."""
    return field("part", 100, Description=description(*fields, name=name), **more)


def layouts(release: str, told: dict[str, Any], arrays: bool = True) -> Layouts:
    """The layouts of a release in which `card` saves `told`; with `arrays`, another one tells lengths."""
    dump = {"vmschkmachine": {"Name": "none"}, "card": {"Name": "card", "Description": told}}
    if arrays:
        other = description(field("list", num=2), name="other")
        dump["other"] = {"Name": "other", "Description": other}
    return Layouts(resolve_layouts(release, f"{release}.0", dump))


def obstacles(old: dict[str, Any], new: dict[str, Any], arrays: bool = True) -> list[Obstacle]:
    """What keeps `card` of 1.0 from loading in 2.0."""
    by, into = layouts("1.0", old, arrays), layouts("2.0", new)
    saved, loaded = by.section("card"), into.section("card")
    assert saved is not None
    assert loaded is not None
    return find_obstacles(saved, by, loaded, into)


A, B, C = field("a"), field("b", 1), field("c", 2)
MAYBE = field("maybe", 8, field_exists=True)
EXTRA = description(A, name="card/extra")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(description(A, B), description(A, B), id="same"),
        pytest.param(description(A, B), description(A, field("called otherwise", 1)), id="renamed"),
        pytest.param(description(A, B, C), description(A, struct(B, C)), id="into a structure"),
        pytest.param(description(struct(A, B), C), description(A, B, C), id="out of a structure"),
        pytest.param(description(A, B), description(A, field("unused", 1)), id="no longer used"),
        pytest.param(description(A, field("unused", 3)), description(A, B, C), id="used again"),
        pytest.param(
            description(A), description(A, field("b", version_id=2), version_id=2), id="of a later version"
        ),
        pytest.param(description(A), description(A, Subsections=[EXTRA]), id="subsection is new"),
        pytest.param(description(A, MAYBE), description(A, field("maybe", 8)), id="condition dropped"),
        pytest.param(
            description(struct(A, version_id=0)),
            description(field("part", 200, Description=description(A, name="inner", version_id=7))),
            id="version of a structure, which is not written",
        ),
        pytest.param({**description(), "Fields": []}, description(), id="no field"),
    ],
)
def test_what_loads(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert obstacles(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "when", "words"),
    [
        pytest.param(
            {"name": "card", "version_id": 0, "minimum_version_id": 0},
            description(A),
            "certain",
            "saves no state of a guest that has it",
            id="no state at all",
        ),
        pytest.param(
            description(A), description(A, B), CERTAIN, "nothing is saved, .* expects `b`", id="more"
        ),
        pytest.param(
            description(A, B),
            description(A),
            CERTAIN,
            "`b` .1 bytes. is saved, .* expects nothing",
            id="less",
        ),
        pytest.param(
            description(A, B),
            description(A, field("b", 2)),
            CERTAIN,
            "`b` .1 bytes.*`b` .2 bytes",
            id="longer",
        ),
        pytest.param(description(A, B, C), description(A, C, B), CERTAIN, "`b`|`c`", id="another order"),
        pytest.param(
            description(field("list", 1, num=4)),
            description(field("list", 1, num=8)),
            CERTAIN,
            "`list` .4 bytes.*`list` .8 bytes",
            id="longer array",
        ),
        pytest.param(
            description(struct(A, num=3)),
            description(struct(A, B, num=3)),
            CERTAIN,
            "expects `b`|`part` .12 bytes.*`part` .15 bytes",
            id="array of structures",
        ),
        pytest.param(
            description(A, version_id=3), description(A), CERTAIN, "version 3.*none above 1", id="too new"
        ),
        pytest.param(
            description(A),
            description(A, version_id=3, minimum_version_id=2),
            CERTAIN,
            "version 1.*none below 2",
            id="too old",
        ),
        pytest.param(
            description(A), description(A, name="board"), CERTAIN, "calls the section `board`", id="name"
        ),
        pytest.param(
            description(A),
            {"name": "card", "version_id": 1, "minimum_version_id": 1},
            CERTAIN,
            "neither save nor load",
            id="no layout at all",
        ),
        pytest.param(description(A, MAYBE), description(A), FIELD, "`maybe`", id="conditional, less"),
        pytest.param(description(A), description(A, MAYBE), FIELD, "`maybe`", id="conditional, more"),
        pytest.param(
            description(A, Subsections=[EXTRA]),
            description(A),
            SUBSECTION,
            "does not know the subsection `card/extra`",
            id="subsection is gone",
        ),
        pytest.param(
            description(struct(A, name="inner"), C),
            description(A, C),
            None,
            "",
            id="nothing in a structure",
        ),
        pytest.param(
            description(A, Subsections=[EXTRA]),
            description(A, Subsections=[description(A, B, name="card/extra")]),
            SUBSECTION,
            "in the subsection `card/extra`, nothing is saved",
            id="subsection is longer",
        ),
        pytest.param(
            description(A, Subsections=[{**EXTRA, "version_id": 2}]),
            description(A, Subsections=[EXTRA]),
            SUBSECTION,
            "in the subsection `card/extra`, it has version 2",
            id="subsection is newer",
        ),
    ],
)
def test_what_does_not_load(old: dict[str, Any], new: dict[str, Any], when: str | None, words: str) -> None:
    found = obstacles(old, new)
    assert {obstacle.when for obstacle in found} == ({when} if when else set())
    assert not when or all(re.search(words, obstacle.text) for obstacle in found)


def test_a_release_that_tells_no_lengths_of_arrays_is_not_held_to_them() -> None:
    told, untold = description(field("list", 1, num=4)), description(field("list", 1))
    assert obstacles(untold, told, arrays=False) == []
    assert obstacles(untold, told) != []
