"""Lays JSON out for people and diffs: small things on one line, one line per thing.

Keys keep the order they are given in; the text depends on nothing but the value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping


def emit_json(value: Mapping[str, object], opened: frozenset[str]) -> str:
    """`value` as text: each key on a line of its own.

    The values of the keys in `opened`, all mappings, are spread over lines too, one line per entry.
    """
    lines = []
    for key, item in value.items():
        if key in opened and isinstance(item, Mapping) and item:
            inner = ",\n".join(f"    {_line(name)}: {_line(entry)}" for name, entry in item.items())
            lines.append(f"  {_line(key)}: {{\n{inner}\n  }}")
        else:
            lines.append(f"  {_line(key)}: {_line(item)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
