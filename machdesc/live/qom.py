"""Reads QOM objects of a running QEMU: all properties of an object and of everything below it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from machdesc.live.conversation import Refusal
from machdesc.live.monitor import Monitor

UNREADABLE = "(QEMU does not tell it)"
"""The value of a property that QEMU refuses to read."""

_CHILD = "child<"


class Told(NamedTuple):
    """A property: QEMU's word for its type, such as `uint32` or `link<PCI>`, and the value as QMP has it."""

    type: str
    value: object


Object = Mapping[str, Told]
"""Property -> what is told of it."""

Tree = Mapping[str, Object]
"""Path below the object that was asked for (empty for itself) -> its properties."""


PLUMBING = frozenset({"memory-region", "irq"})
"""Types of objects that say nothing of their own; they are most of what there is."""


def read_trees(
    monitor: Monitor, roots: Sequence[str], leave: Collection[str] = frozenset()
) -> dict[str, Tree]:
    """Each of `roots`, which are QOM paths, with all of its children, however deep, but for those whose
    type is in `leave`, and for those that go while they are read, such as a device that is unplugged.

    :raises Refusal: when QEMU does not have the first root; another one may be absent.
    """
    read = _read_lists if _has_lists(monitor) else _read_one_by_one
    found: dict[str, dict[str, Object]] = {root: {} for root in roots}
    waiting = [(root, "") for root in roots]
    while waiting:
        paths = [f"{root}/{path}" if path else root for root, path in waiting]
        below = []
        for (root, path), properties in zip(waiting, read(monitor, paths), strict=True):
            if isinstance(properties, Refusal):
                # `x-remote` of 7.2 has no `/objects`, and every machine a `/machine`.
                if not path and root == roots[0]:
                    raise properties
                continue
            found[root][path] = properties
            below += [
                (root, f"{path}/{name}" if path else name)
                for name, told in properties.items()
                if told.type.startswith(_CHILD) and child_type(told) not in leave
            ]
        waiting = below
    return dict(found)


def child_type(told: Told) -> str:
    """The type of a property that is a child; empty when it is none."""
    return told.type[len(_CHILD) : -1] if told.type.startswith(_CHILD) else ""


def _has_lists(monitor: Monitor) -> bool:
    if not monitor.may_ask("qom-list-get"):
        return False
    return "qom-list-get" in {entry["name"] for entry in monitor.ask("query-commands")}


def _read_lists(monitor: Monitor, paths: Sequence[str]) -> list[Object | Refusal]:
    """Since 10.1 one question brings all; a value that cannot be read is left out of its answer."""
    try:
        answers = monitor.ask("qom-list-get", paths=list(paths))
    except Refusal:
        # All are refused for one that is gone.
        return _read_one_by_one(monitor, paths)
    return [
        {item["name"]: Told(item["type"], item.get("value", UNREADABLE)) for item in answer["properties"]}
        for answer in answers
    ]


def _read_one_by_one(monitor: Monitor, paths: Sequence[str]) -> list[Object | Refusal]:
    lists = monitor.ask_all([("qom-list", {"path": path}) for path in paths])
    told = {path: items for path, items in zip(paths, lists, strict=True) if not isinstance(items, Refusal)}
    wanted = [(path, item["name"], item["type"]) for path, items in told.items() for item in items]
    values = monitor.ask_all([("qom-get", {"path": path, "property": name}) for path, name, _ in wanted])
    found: dict[str, dict[str, Told]] = {path: {} for path in told}
    for (path, name, type_), value in zip(wanted, values, strict=True):
        found[path][name] = Told(type_, UNREADABLE if isinstance(value, Refusal) else value)
    return [found.get(path, items) for path, items in zip(paths, lists, strict=True)]
