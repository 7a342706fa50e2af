"""The verdict of `jsonschema` on a block: what the tables are held against.

The tables of `machdesc.schema.validate` decide in every run, since jsonschema costs nine times
Python's own start to import; it decides by the schema itself, and says all that it finds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from machdesc.diagnostic import Diagnostic, error
from machdesc.schema.validate import json_value
from machdesc.syntax.tree import Block, List

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jsonschema.exceptions import ValidationError

    from machdesc.catalog.catalog import DeviceType
    from machdesc.syntax.tree import Property, Span, Value

_CODES = {
    "type": "wrong-type",
    "enum": "not-a-choice",
    "minimum": "out-of-range",
    "maximum": "out-of-range",
}
"""The keyword that a value breaks -> the code that the tables give for it."""


def explain(
    schema: dict[str, Any], owner: DeviceType, release: str, properties: Iterable[Property]
) -> list[Diagnostic]:
    """All that jsonschema finds in a block, each at its place in the text.

    `schema` is that of the type at the release (`machdesc.schema.document.type_schema`). The
    codes are those of `check_properties`, and `invalid` for what those have no word for. Of a
    property that is written twice the last counts.
    """
    known = owner.properties(release)
    items = {item.name: item for item in properties}
    instance = {name: json_value(known.get(name), item.value) for name, item in items.items()}
    found = [
        diagnostic
        for fault in Draft202012Validator(schema).iter_errors(instance)
        for diagnostic in _diagnostics(fault, schema, items)
    ]
    return sorted(found, key=lambda diagnostic: (diagnostic.span or (0, 0))[:2])


def _diagnostics(
    fault: ValidationError, schema: dict[str, Any], items: dict[str, Property]
) -> Iterator[Diagnostic]:
    """A fault, told of each property that has it."""
    path = list(fault.absolute_path)
    if not path:
        for name, item in items.items():
            if name not in schema["properties"]:
                yield error("unknown-property", f"`{name}` is not in {schema['title']}", item.name_span)
        return
    code = _CODES.get(str(fault.validator), "invalid")
    if code == "not-a-choice" and not isinstance(fault.instance, str):
        code = "wrong-type"
    yield error(code, fault.message, _place(items[str(path[0])].value, path[1:]))


def _place(value: Value, path: Sequence[str | int]) -> Span:
    """The span of what a path in the JSON form leads to."""
    for step in path:
        if isinstance(value, Block):
            value = next(item.value for item in reversed(value.properties) if item.name == step)
        elif isinstance(value, List):
            value = value.items[int(step)]
    return value.span
