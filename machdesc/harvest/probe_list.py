"""Finds the properties of objects that are lists of numbers, which QOM calls by the word of one number.

QOM keeps for each property a word that nothing checks (`object_class_property_add`), and memory back
ends call their `host-nodes` an `int`. Since 6.0 the schema of `object-add` tells better; before, the
binary itself does when it refuses a word: "Invalid parameter type for 'host-nodes', expected: array".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from machdesc.harvest.fact import PropertyFact, TypeFact
from machdesc.harvest.object_schema import describes_objects, entries, member_type
from machdesc.live.child import QemuFailure
from machdesc.live.conversation import Question, Refusal, start_conversation

_NUMBER = "int"
_BAD_WORD = "no-such-word"

Key = tuple[str, str]
"""An object type and a property of it."""


async def probe_lists(
    binary: Sequence[str], types: Sequence[TypeFact], schema: Sequence[Mapping[str, Any]]
) -> list[TypeFact]:
    """`types` with `[int]` for the type word of what is a list; `schema` is query-qmp-schema's answer."""
    told = entries(schema)
    numbers = [
        (fact.name, item.name)
        for fact in types
        if fact.kind == "object"
        for item in fact.properties
        if item.qemu == _NUMBER
    ]
    if describes_objects(told):
        lists = {key for key in numbers if (member_type(told, *key) or {}).get("meta-type") == "array"}
    else:
        lists = await _refusing_lists(binary, numbers)

    def with_lists(fact: TypeFact, item: PropertyFact) -> PropertyFact:
        is_list = fact.kind == "object" and (fact.name, item.name) in lists
        return replace(item, qemu=f"[{item.qemu}]") if is_list else item

    return [
        replace(fact, properties=tuple(with_lists(fact, item) for item in fact.properties)) for fact in types
    ]


def resolve_refused(answers: Mapping[Key, str]) -> set[Key]:
    """The properties that are lists, out of what QEMU says when each is given a word."""
    return {key for key, said in answers.items() if said.endswith("expected: array")}


async def _refusing_lists(binary: Sequence[str], numbers: Sequence[Key]) -> set[Key]:
    """The lists among the properties; one that the binary dies of is none."""
    if not numbers:
        return set()
    questions: list[Question] = [
        ("object-add", {"qom-type": kind, "id": "list", "props": {name: _BAD_WORD}}) for kind, name in numbers
    ]
    try:
        async with start_conversation(binary, "-machine", "none", "-accel", "tcg") as qemu:
            answers = await qemu.ask_all(questions)
    except QemuFailure:
        if len(numbers) == 1:
            return set()
        half = len(numbers) // 2
        return await _refusing_lists(binary, numbers[:half]) | await _refusing_lists(binary, numbers[half:])
    said = {key: str(a) for key, a in zip(numbers, answers, strict=True) if isinstance(a, Refusal)}
    return resolve_refused(said)
