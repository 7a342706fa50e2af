"""Finds the words that an enum property takes, by offering words to the binary and reading its refusals.

QEMU names the type of such a property but not its values; descriptions list them only sometimes, and
not always rightly. So every word of QMP's own schema, of the property's description and of the type
tree is a candidate, and counts only if the binary does not refuse it. Each trial is spoiled by a
property that does not exist, so no device is ever realized.

One property of a type stands for all properties of the same QEMU type.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from machdesc.harvest.fact import PropertyFact, TypeFact
from machdesc.harvest.object_schema import Entries, entries, member_type
from machdesc.live.child import QemuFailure
from machdesc.live.conversation import Question, Refusal, start_conversation

_BAD_WORD = "no-such-word"
# Whether QEMU sees the spoiler before the property depends on the hash of the name: try several.
_SPOILERS = tuple(f"{letter}-no-such" for letter in "abcdefghijklmnop")
_SCALARS = re.compile(r"bool|str|string|size|number|double|int|u?int[0-9]+(_t)?|link<.*|child<.*|struct .*")
_DESCRIBED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_AT_ONCE = 2
_MACHINES = ("q35", "pc")


@dataclass(frozen=True)
class Candidate:
    """One property whose values are looked for, and the type that it belongs to."""

    type: TypeFact
    property: PropertyFact


async def probe_enums(
    binary: Sequence[str],
    types: Sequence[TypeFact],
    schema: Sequence[Mapping[str, Any]],
    names: Iterable[str],
) -> list[TypeFact]:
    """`types` with the values of their enum properties; `schema` is the answer to query-qmp-schema."""
    told = entries(schema)
    sets = sorted({tuple(_members(entry)) for entry in schema if entry["meta-type"] == "enum"})
    vocabulary = sorted({word for members in sets for word in members})
    slots = asyncio.Semaphore(_AT_ONCE)

    async def find(candidates: list[Candidate]) -> tuple[str, ...]:
        async with slots:
            for candidate in candidates:
                if candidate.type.kind == "object" and (members := _schema_members(told, candidate)):
                    return members
                described = _DESCRIBED.findall(candidate.property.description)
                # Descriptions write lists as a/b/c, and as a, b.
                words = sorted({*vocabulary, *described, *(word.rstrip(".") for word in described)})
                try:
                    found = await _probe_candidate(binary, candidate, words, sets, names)
                except QemuFailure:
                    continue
                # One accepted word alone is a special value of something larger (a UUID's `auto`).
                if len(found) > 1:
                    return _in_qemu_order(found, sets, described)
            return ()

    by_word: dict[str, list[Candidate]] = {}
    for fact in types:
        for item in fact.properties:
            if not _SCALARS.fullmatch(item.qemu):
                by_word.setdefault(item.qemu, []).append(Candidate(fact, item))
    kinds = sorted(by_word)
    results = await asyncio.gather(*(find(_promising(by_word[kind])) for kind in kinds))
    enums = dict(zip(kinds, results, strict=True))
    return [
        replace(
            fact,
            properties=tuple(
                replace(item, enum=enums.get(item.qemu, ())) if item.qemu in enums else item
                for item in fact.properties
            ),
        )
        for fact in types
    ]


def resolve_accepted(answers: Mapping[str, str | None]) -> tuple[str, ...]:
    """The words that were not refused, out of what was said to each (None: nothing against it).

    The refusal of a word that no enum can hold shows what a refusal looks like; if that does not
    name the word, the property is no enum, and nothing is accepted.
    """
    sample = answers[_BAD_WORD]
    if sample is None or f"'{_BAD_WORD}'" not in sample:
        return ()
    return tuple(
        word
        for word, said in answers.items()
        if word != _BAD_WORD and said != sample.replace(f"'{_BAD_WORD}'", f"'{word}'")
    )


async def _probe_candidate(
    binary: Sequence[str],
    candidate: Candidate,
    words: Sequence[str],
    sets: Sequence[tuple[str, ...]],
    names: Iterable[str],
) -> tuple[str, ...]:
    fact = candidate.type
    if fact.kind == "machine":
        return await _probe_machine(binary, candidate, sorted({*words, *names}))
    if fact.kind == "object":
        return await _probe_object(binary, candidate, words)
    if fact.kind != "device":
        return ()
    return await _probe_device(binary, candidate, _likely(candidate.property, sets))


async def _probe_object(binary: Sequence[str], candidate: Candidate, words: Sequence[str]) -> tuple[str, ...]:
    name = candidate.property.name

    def flat(word: str, spoiler: str) -> Question:
        return "object-add", {"qom-type": candidate.type.name, "id": "enum", name: word, spoiler: "1"}

    def nested(word: str, spoiler: str) -> Question:  # before 6.0 the properties are a member of their own
        return "object-add", {
            "qom-type": candidate.type.name,
            "id": "enum",
            "props": {name: word, spoiler: "1"},
        }

    machine = ("-machine", "none", "-accel", "tcg")
    return await _ask_words(binary, machine, flat, words) or await _ask_words(binary, machine, nested, words)


async def _probe_machine(
    binary: Sequence[str], candidate: Candidate, words: Sequence[str]
) -> tuple[str, ...]:
    """By setting the property on a machine that is not built yet."""
    machine = ("-machine", candidate.type.example, "-accel", "tcg", "-preconfig")

    def question(word: str, _: str) -> Question:
        return "qom-set", {"path": "/machine", "property": candidate.property.name, "value": word}

    return await _ask_words(binary, machine, question, words)


async def _ask_words(
    binary: Sequence[str], machine: Sequence[str], question: Any, words: Sequence[str]
) -> tuple[str, ...]:
    async with start_conversation(binary, *machine) as qemu:
        for spoiler in _SPOILERS:
            (bad,) = await qemu.ask_all([question(_BAD_WORD, spoiler)])
            if isinstance(bad, Refusal) and f"'{_BAD_WORD}'" in str(bad):
                break
        else:
            return ()
        answers = await qemu.ask_all([question(word, spoiler) for word in words])
        said = {
            word: str(answer) if isinstance(answer, Refusal) else None
            for word, answer in zip(words, answers, strict=True)
        }
        return resolve_accepted({**said, _BAD_WORD: str(bad)})


async def _probe_device(binary: Sequence[str], candidate: Candidate, words: Sequence[str]) -> tuple[str, ...]:
    """By a `-global`, one start per word.

    Plugging into a running machine is no quicker (QEMU waits after each failed `device_add`), and
    does not reach the built-in devices.
    """
    name = candidate.type.name

    async def said(machine: str, word: str) -> str | None:
        spoiled = ("-device", f"{name},{_SPOILERS[0]}=x") if candidate.type.user_creatable else ()
        setting = ("-global", f"{name}.{candidate.property.name}={word}")
        try:
            async with start_conversation(binary, "-machine", machine, "-accel", "tcg", *setting, *spoiled):
                return None
        except QemuFailure as failure:
            # The setting is quoted before the refusal, with the word in it.
            return str(failure).replace(f"{setting[1]}:", "")

    for machine in _MACHINES:
        bad = await said(machine, _BAD_WORD)
        if bad is not None and f"'{_BAD_WORD}'" in bad:
            answers = {word: await said(machine, word) for word in words}
            return resolve_accepted({**answers, _BAD_WORD: bad})
    return ()


def _promising(candidates: Sequence[Candidate]) -> list[Candidate]:
    """A few to try, the likeliest first: those that need nothing to plug into, and say what they take."""

    def rank(candidate: Candidate) -> tuple[bool, bool, str, str]:
        fact = candidate.type
        return (
            not (fact.kind == "device" and bool(fact.user_creatable) and fact.bus == "PCI"),
            not candidate.property.description,
            fact.name,
            candidate.property.name,
        )

    return sorted(candidates, key=rank)[:6]


def _likely(item: PropertyFact, sets: Iterable[tuple[str, ...]]) -> list[str]:
    """Candidates when each costs a start: what is described, and the schema's enums that resemble it."""
    seeds = set(_DESCRIBED.findall(item.description.replace("/", " ")))
    words = set(seeds)
    for members in sets:
        shared = seeds.intersection(members)
        if len(shared) > 1 or (not seeds and item.default in members):
            words.update(members)
    return sorted(words)


def _schema_members(told: Entries, candidate: Candidate) -> tuple[str, ...]:
    """What the schema of `object-add` says of an object's property."""
    kind = member_type(told, candidate.type.name, candidate.property.name)
    return tuple(_members(kind)) if kind is not None and kind["meta-type"] == "enum" else ()


def _members(entry: Mapping[str, Any]) -> list[str]:
    """The words of an enum of the schema; newer releases tell them as `members`."""
    if "members" in entry:
        return [member["name"] for member in entry["members"]]
    return list(entry["values"])


def _in_qemu_order(
    found: Sequence[str], sets: Iterable[tuple[str, ...]], described: Sequence[str]
) -> tuple[str, ...]:
    """The order of the schema's enum that holds just these words, else of the description."""
    for members in sets:
        if set(members) == set(found):
            return members
    return tuple(sorted(found, key=lambda word: (described.index(word) if word in described else 999, word)))
