"""Hostile settings: `machdesc.toml`, and `[tool.machdesc]` in `pyproject.toml`."""

from __future__ import annotations

from random import Random

from tests.attack.corpus import Corpus
from tests.attack.mutation import mutated

_VALUES = (
    '["m"]', '"m"', '"cat"', '"cat"', "[]", "{}", "1", "-1", "1.5", "inf", "nan", "true", "1979-05-27",
    "1979-05-27T07:32:00Z",
    "07:32:00",
    "[1]", '["m", 1]', '[["m"]]', '[{a="m"}]', '{a={b="m"}}', '""', '[""]',
    '["m", "m", "none", "../x", "."]', '["\\u0000"]',
    '["a\\nb"]', '["\\u001b[31m"]', "9" * 400, "9" * 5000, "0x" + "f" * 5000, "1e400", "-0", '["m\\u0000"]',
    "[" * 50 + "]" * 50,
    "[" * 5000 + "]" * 5000, "{a=" * 200 + "1" + "}" * 200, "{a=" * 5000 + "1" + "}" * 5000,
    '"' + "x" * 5000 + '"',
    '["' + "x" * 5000 + '"]', '"m\\u0000"', '"/nonexistent"', '["/nonexistent"]', "'''m'''", '"""m"""',
    "1979-13-45", "0001-01-01",
    "99999-01-01", '["g.txt"]', '"g.txt"', '"\\ud800"', '"\\U0010ffff"', "[" + '"m", ' * 800 + "]", "", "=",
)  # fmt: skip

_KEYS = (
    "machine-types", "catalog", "machine_types", "machine-type", "x", '""', '"a\\nb"', '"\\u001b[31m"',
    "machine-types.a",
    "'machine-types'", '"machine\\u002dtypes"', "a." * 500 + "b", '"' + "k" * 500 + '"', '"["', "'.*'", "1",
    "catalog.catalog",
)  # fmt: skip

_TABLES = (
    "[tool.machdesc]",
    "[tool]",
    "[[tool]]",
    "[[tool.machdesc]]",
    "[tool.machdesc.x]",
    "[machdesc]",
    "[tool.other]",
    "[" + "a." * 400 + "b]",
)


def settings(random: Random, corpus: Corpus) -> tuple[str, bytes]:
    """The name of a file of settings, and its bytes."""
    lines = []
    name = "machdesc.toml"
    if random.random() < 0.35:
        name = "pyproject.toml"
        lines.append(
            random.choice(_TABLES)
            if random.random() < 0.5
            else random.choice(("[tool.machdesc]", "tool = 3", "tool.machdesc = []"))
        )
    for _ in range(random.randrange(1, 4)):
        key = random.choice(_KEYS[:2]) if random.random() < 0.6 else random.choice(_KEYS)
        lines.append(f"{key} = {random.choice(_VALUES)}")
        if random.random() < 0.1:
            lines.append(random.choice(_TABLES))
    text = "\n".join(lines) + "\n"
    if random.random() < 0.2:
        text = mutated(random, corpus, text)
    data = text.encode("utf-8", "surrogateescape" if random.random() < 0.1 else "replace")
    return name, data if random.random() < 0.97 else data + b"\xff\xfe"
