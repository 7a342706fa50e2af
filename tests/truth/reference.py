"""Changes of what names something else: references to back ends, their ids, globals, and addresses."""

from __future__ import annotations

import re
from random import Random

from machdesc.resolve.guest import Device
from machdesc.syntax.tree import Property
from tests.truth.mutation import Mutation, Subject, random_value

_RENAMED = ("netdev", "blockdev", "chardev", "object", "audiodev", "tpmdev", "fsdev")


def _references(subject: Subject) -> list[tuple[str, Property]]:
    """What kind of thing each property of a device names, and the property, where it is written."""
    found = []
    for device in subject.guest.devices:
        known = device.type.properties(subject.guest.release) if device.type is not None else {}
        for item in device.statement.properties:
            if item.name in known and known[item.name].refers:
                found.append((known[item.name].refers, item))
    return found


def swap_references(random: Random, subject: Subject) -> str | None:
    """Two devices change what stands behind them."""
    text = subject.text
    pairs = [
        (a, b)
        for kind, a in _references(subject)
        for other, b in _references(subject)
        if kind == other and a.span[0] < b.span[0]
    ]
    if not pairs:
        return None
    first, second = random.choice(pairs)
    (a, b, _), (c, d, _) = first.value.span, second.value.span
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def remove_reference(random: Random, subject: Subject) -> str | None:
    """A device without what stood behind it."""
    found = _references(subject)
    if not found:
        return None
    start, end, _ = random.choice(found)[1].span
    return subject.text[:start] + subject.text[end:]


def rename_back_end(random: Random, subject: Subject) -> str | None:
    """Another id of something in `host`, or of an object, wherever it is named."""
    description = subject.guest.description
    names = [
        statement.id.text
        for statement in (*description.host, *description.statements)
        if statement.keyword in _RENAMED and statement.id is not None
    ]
    if not names:
        return None
    name = random.choice(names)
    return re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", name + "_y", subject.text)


def add_global(random: Random, subject: Subject) -> str | None:
    """A value for all devices of a type, or of an ancestor of it."""
    devices = [device for device in subject.guest.devices if device.type is not None]
    if not devices:
        return None
    device = random.choice(devices)
    assert device.type is not None
    known = device.type.properties(subject.guest.release)
    name = random.choice(list(known))
    value = random_value(random, known[name])
    if value is None or known[name].refers:
        return None
    driver = random.choice((device.type.name, device.type.name, *device.type.parents(subject.guest.release)))
    where = subject.guest.devices[0].statement.span[0]
    return f"{subject.text[:where]}global {driver} {{ {name} {value} }}\n\n{subject.text[where:]}"


def leave_address_out(random: Random, subject: Subject) -> str | None:
    """A device for which QEMU chooses the place on its bus."""
    placed: list[Device] = [device for device in subject.guest.devices if device.statement.address]
    if not placed:
        return None
    address = random.choice(placed).statement.address
    assert address is not None
    start, end, _ = address.span
    bus = subject.text[start:end].partition("/")[0]
    return subject.text[:start] + bus + subject.text[end:]


REFERENCES: dict[str, Mutation] = {
    "swap references": swap_references,
    "remove a reference": remove_reference,
    "rename a back end": rename_back_end,
    "global": add_global,
    "address left out": leave_address_out,
}
