"""Asks a binary for its types: the tree of all, and the properties of those that can be written.

Some binaries die when asked about one type; that type is told as missing, with QEMU's last words,
and the others are asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from machdesc.harvest.device_list import ListedDevice
from machdesc.harvest.fact import PropertyFact, TypeFact
from machdesc.harvest.version import machine_family, machine_key
from machdesc.live.child import QemuFailure
from machdesc.live.conversation import Conversation, Question, Refusal, start_conversation

_BATCH = 200
HIDDEN = "legacy-"
"""How the names of properties begin that older QEMUs do not tell with the others of a type."""


@dataclass(frozen=True)
class TypeNames:
    """Which types there are: name to parent of all, those of each kind that can be written, and which
    devices are for PCI Express."""

    tree: Mapping[str, str]
    devices: tuple[str, ...]
    cpus: tuple[str, ...]
    objects: tuple[str, ...]
    express: tuple[str, ...]


async def probe_type_names(qemu: Conversation) -> TypeNames:
    """Asks for the type tree."""
    tree = {
        entry["name"]: entry.get("parent", "") for entry in await qemu.ask("qom-list-types", abstract=True)
    }

    async def names(implements: str) -> set[str]:
        found = await qemu.ask("qom-list-types", implements=implements, abstract=False)
        return {entry["name"] for entry in found}

    cpus = await names("cpu")
    return TypeNames(
        tree=dict(sorted(tree.items())),
        devices=tuple(sorted(await names("device") - cpus)),
        cpus=tuple(sorted(cpus)),
        objects=tuple(sorted(await names("user-creatable") - await names("device"))),
        express=tuple(sorted(await names("pci-express-device") | await names("cxl-device"))),
    )


async def probe_types(
    binary: Sequence[str], names: TypeNames, listed: Mapping[str, ListedDevice], machines: Iterable[str]
) -> tuple[list[TypeFact], dict[str, str]]:
    """The types with their properties, and those missing with the reason."""
    by_family: dict[str, list[str]] = {}
    for machine in sorted(machines, key=machine_key):
        by_family.setdefault(machine_family(machine), []).append(machine)
    device = "device-list-properties"
    other = "qom-list-properties"
    asked: dict[str, Question] = {}
    asked.update({name: (device, {"typename": name}) for name in (*names.devices, *names.cpus)})
    asked.update({name: (other, {"typename": name}) for name in names.objects})
    typename = {machine: f"{machine}-machine" for family in by_family.values() for machine in family}
    asked.update({name: (other, {"typename": name}) for name in typename.values()})
    answers, missing = await _ask_surviving(binary, asked)
    again = [name for name in (*names.devices, *names.cpus) if name in answers]
    hidden, _ = await _ask_surviving(binary, {name: (other, {"typename": name}) for name in again})
    for name, told in hidden.items():
        answers[name] = [*answers[name], *_hidden(answers[name], told)]

    types = []
    for name in names.devices:
        if name in answers:
            line = listed.get(name)
            types.append(
                _type(
                    "device",
                    name,
                    [answers[name]],
                    names.tree,
                    description=line.description if line else "",
                    bus=line.bus if line else "",
                    user_creatable=line is not None and line.user_creatable,
                )
            )
    for name in names.objects:
        if name in answers:
            types.append(_type("object", name, [answers[name]], names.tree))
    for family, members in sorted(by_family.items()):
        told = [answers[typename[member]] for member in members if typename[member] in answers]
        if told:
            parents = ancestors(typename[members[-1]], names.tree)
            types.append(_type("machine", family, told, names.tree, parents=parents, example=members[-1]))
    cpus = [name for name in names.cpus if name in answers]
    if cpus:
        base = _common_ancestor(cpus, names.tree)
        types.append(_type("cpu", base, [answers[name] for name in cpus], names.tree))
    return types, missing


def _hidden(
    listed: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """What `device-list-properties` leaves out though it is a property of its own: up to 10.2 that leaves
    out all names that begin with `legacy-`, most of which are old texts of others of the same name
    (qom/qom-qmp-cmds.c; hw/core/qdev.c, `qdev_class_add_legacy_property`)."""
    names = {entry["name"] for entry in (*listed, *told)}
    known = {entry["name"] for entry in listed}
    return [
        entry
        for entry in told
        if entry["name"].startswith(HIDDEN)
        and entry["name"] not in known
        and entry["name"].removeprefix(HIDDEN) not in names
    ]


async def _ask_surviving(
    binary: Sequence[str], asked: Mapping[str, Question]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers by name; when QEMU dies in a batch, its questions are asked one by one."""
    answers: dict[str, Any] = {}
    missing: dict[str, str] = {}
    names = list(asked)
    batches = [names[start : start + _BATCH] for start in range(0, len(names), _BATCH)]
    while batches:
        async with AsyncExitStack() as stack:
            qemu = await stack.enter_async_context(
                start_conversation(binary, "-machine", "none", "-accel", "tcg")
            )
            while batches:
                batch = batches[0]
                try:
                    replies = await qemu.ask_all([asked[name] for name in batch])
                except QemuFailure as failure:
                    if len(batch) == 1:
                        missing[batch[0]] = f"binary died when asked for its properties: {failure}"
                        del batches[0]
                    else:
                        batches[:1] = [[name] for name in batch]
                    break
                del batches[0]
                for name, reply in zip(batch, replies, strict=True):
                    if isinstance(reply, Refusal):
                        missing[name] = f"binary does not tell its properties: {reply}"
                    else:
                        answers[name] = reply
    return answers, missing


def _type(
    kind: str,
    name: str,
    told: Sequence[Sequence[Mapping[str, Any]]],
    tree: Mapping[str, str],
    *,
    parents: tuple[str, ...] | None = None,
    description: str = "",
    bus: str = "",
    user_creatable: bool | None = None,
    example: str = "",
) -> TypeFact:
    """One type out of what was told of it, or of all its members (the last one wins)."""
    properties: dict[str, PropertyFact] = {}
    parts: dict[str, str] = {}
    for entry in (entry for member in told for entry in member):
        word = entry["type"]
        if word.startswith("child<"):
            parts[entry["name"]] = word[len("child<") : -1]
        elif entry["name"] != "type":  # `type` is every object's own type name, not a setting
            fact = _property(entry)
            before = properties.get(fact.name)
            if before and before.default != fact.default:
                # Members disagree: then it is no default of the whole kind.
                fact = PropertyFact(fact.name, fact.qemu, fact.description)
            properties[fact.name] = fact
    return TypeFact(
        kind=kind,
        name=name,
        properties=tuple(properties[key] for key in sorted(properties)),
        description=description,
        parents=ancestors(name, tree) if parents is None else parents,
        bus=bus,
        parts=dict(sorted(parts.items())),
        user_creatable=user_creatable,
        example=example,
    )


def _property(entry: Mapping[str, Any]) -> PropertyFact:
    return PropertyFact(
        entry["name"], entry["type"], entry.get("description", ""), entry.get("default-value")
    )


def ancestors(name: str, tree: Mapping[str, str]) -> tuple[str, ...]:
    """The types that `name` descends from, nearest first."""
    found = []
    while name := tree.get(name, ""):
        found.append(name)
    return tuple(found)


def _common_ancestor(names: Sequence[str], tree: Mapping[str, str]) -> str:
    """The nearest type that all of `names` descend from."""
    shared = list(ancestors(names[0], tree))
    for other in names[1:]:
        above = set(ancestors(other, tree))
        shared = [name for name in shared if name in above]
    return shared[0]
