"""Reads QOM objects: all properties of a device and of everything below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from machdesc.live.conversation import Refusal
from machdesc.live.monitor import Monitor

Objects = dict[str, dict[str, object]]
"""Path below the object that was asked for (empty for itself) -> property -> value."""

UNREADABLE = "(QEMU does not tell it)"


def read_objects(monitor: Monitor, roots: Sequence[str]) -> dict[str, Objects]:
    """Each of `roots`, which are QOM paths, with all of its children, however deep."""
    commands = {entry["name"] for entry in monitor.ask("query-commands")}
    read = _read_lists if "qom-list-get" in commands else _read_one_by_one
    found: dict[str, Objects] = {root: {} for root in roots}
    waiting = [(root, "") for root in roots]
    while waiting:
        paths = [f"{root}/{path}" if path else root for root, path in waiting]
        below = []
        for (root, path), properties in zip(waiting, read(monitor, paths), strict=True):
            found[root][path] = {name: value for name, (_, value) in properties.items()}
            below += [
                (root, f"{path}/{name}" if path else name)
                for name, (type_, _) in properties.items()
                if type_.startswith("child<")
            ]
        waiting = below
    return found


Typed = Mapping[str, tuple[str, object]]
"""Property -> QEMU's word for its type, and the value."""


def _read_lists(monitor: Monitor, paths: Sequence[str]) -> list[Typed]:
    """Since 10.1 one question brings all; a value that cannot be read is left out of its answer."""
    return [
        {item["name"]: (item["type"], item.get("value", UNREADABLE)) for item in answer["properties"]}
        for answer in monitor.ask("qom-list-get", paths=list(paths))
    ]


def _read_one_by_one(monitor: Monitor, paths: Sequence[str]) -> list[Typed]:
    lists = monitor.ask_all([("qom-list", {"path": path}) for path in paths])
    wanted = [
        (path, item["name"], item["type"]) for path, items in zip(paths, lists, strict=True) for item in items
    ]
    values = monitor.ask_all([("qom-get", {"path": path, "property": name}) for path, name, _ in wanted])
    found: dict[str, dict[str, tuple[str, object]]] = {path: {} for path in paths}
    for (path, name, type_), value in zip(wanted, values, strict=True):
        found[path][name] = (type_, UNREADABLE if isinstance(value, Refusal) else value)
    return [found[path] for path in paths]
