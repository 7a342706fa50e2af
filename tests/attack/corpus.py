"""What mutated inputs are made of: small guests of the project's own texts, their statements and words, and
what the catalog knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from machdesc.catalog.catalog import Property, load_catalog
from machdesc.diagnostic import has_errors
from machdesc.library import resolve_description
from machdesc.model.load import load_source
from machdesc.source import source_of
from machdesc.syntax.form import KEYWORDS
from machdesc.syntax.parse import parse
from tests.resolve.refusal import ROWS, whole

ROOT = Path(__file__).parents[2]

SMALL = 700
"""Characters that a text may have to be a seed as a whole; larger ones give their statements alone."""

TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|\s+|[{}\[\],@]|[^\s{}\[\]",#@]+|.', re.DOTALL)


class Corpus(NamedTuple):
    """Seeds in the raw form.

    `guests` are whole texts, `sound` those of them that have no errors; `pairs` those of rules, an old one
    and a new one. `statements` and `host` are single ones outside and inside `host`. `words` are the tokens
    of all. `types` are types of devices and objects, with their properties at the newest release that has
    them, `creatable` the devices among them that a user may create; `properties` are those of `types` by
    name. `models` are those of CPUs. `rules` are the names of the rules of `check`.
    """

    guests: tuple[str, ...]
    sound: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    statements: tuple[str, ...]
    host: tuple[str, ...]
    words: tuple[str, ...]
    types: tuple[tuple[str, tuple[Property, ...]], ...]
    creatable: tuple[tuple[str, tuple[Property, ...]], ...]
    properties: Mapping[str, tuple[Property, ...]]
    releases: tuple[str, ...]
    machines: tuple[str, ...]
    models: tuple[str, ...]
    rules: tuple[str, ...]


@cache
def corpus() -> Corpus:
    """The corpus of this checkout; what is in it depends on nothing else."""
    texts = [_raw(path) for path in _paths()]
    texts += [whole(text) for row in ROWS for text in (row.refused, row.taken)]
    statements: dict[str, None] = {}
    host: dict[str, None] = {}
    for text in texts:
        tree, _ = parse(source_of(text))
        for statement in tree.statements:
            if statement.keyword == "host":
                inner = [text[s.span[0] : s.span[1]] for s in statement.statements]
                host.update(dict.fromkeys(s for s in inner if len(s) < SMALL))
            elif statement.span[1] - statement.span[0] < SMALL:
                statements[text[statement.span[0] : statement.span[1]]] = None
    words = {token for text in texts for token in TOKEN.findall(text) if _is_word(token)}
    catalog = load_catalog()
    types: list[tuple[str, tuple[Property, ...]]] = []
    creatable: list[tuple[str, tuple[Property, ...]]] = []
    for kind, find in (("device", catalog.device), ("object", catalog.object)):
        for name in catalog.names(kind):
            found = find(name)
            assert found is not None
            properties = tuple(known for _, known in sorted(found.properties(found.releases[-1]).items()))
            types.append((name, properties))
            if kind == "device" and found.creatable(found.releases[-1]):
                creatable.append((name, properties))
    rules = ROOT / "machdesc" / "check" / "rule"
    guests = tuple(dict.fromkeys(text for text in texts if 0 < len(text) < SMALL))
    return Corpus(
        guests=guests,
        sound=tuple(text for text in guests if _is_sound(text)),
        pairs=tuple((_raw(path), _raw(path.with_name(path.name.replace("old", "new"))))
                    for path in sorted(rules.glob("*/old*.md"))),
        statements=tuple(statements),
        host=tuple(host),
        words=tuple(sorted({*words, *KEYWORDS})),
        types=tuple(types),
        creatable=tuple(creatable),
        properties=dict(types),
        releases=catalog.releases,
        machines=tuple(sorted(catalog.names("machine"))),
        models=tuple(sorted(catalog.names("cpu"))),
        rules=tuple(sorted(path.name for path in rules.iterdir() if path.is_dir() and path.name[0] != "_")),
    )  # fmt: skip


def _paths() -> list[Path]:
    """The files that seeds are made of."""
    found = sorted((ROOT / "docs" / "examples").glob("*.md"))
    found += sorted((ROOT / "machdesc" / "check" / "rule").glob("*/*.md"))
    found += sorted((ROOT / "tests" / "syntax" / "errors").glob("*.md"))
    return found + sorted((ROOT / "docs").glob("*.md"))


def _raw(path: Path) -> str:
    """The machdesc text of a file, its blocks joined."""
    source = source_of(path.read_text(encoding="utf-8"), path.name)
    return "".join(source.text[region.start : region.end] for region in source.regions)


def _is_sound(text: str) -> bool:
    description, diagnostics = load_source(source_of(text, "g.txt"))
    if description is None or has_errors(diagnostics) or description.one("machine") is None:
        return False
    return not has_errors(resolve_description(description)[1])


def _is_word(token: str) -> bool:
    return not token.isspace() and token[0] not in '#{}[],@"' and len(token) < 60
