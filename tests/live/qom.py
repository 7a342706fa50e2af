"""Reads QOM objects as plain values: all properties of a device and of everything below it."""

from __future__ import annotations

from collections.abc import Sequence

from machdesc.live.monitor import Monitor
from machdesc.live.qom import UNREADABLE, read_trees

__all__ = ["UNREADABLE", "Objects", "read_objects"]

Objects = dict[str, dict[str, object]]
"""Path below the object that was asked for (empty for itself) -> property -> value."""


def read_objects(monitor: Monitor, roots: Sequence[str]) -> dict[str, Objects]:
    """Each of `roots`, which are QOM paths, with all of its children, however deep."""
    return {
        root: {
            path: {name: told.value for name, told in properties.items()} for path, properties in tree.items()
        }
        for root, tree in read_trees(monitor, roots).items()
    }
