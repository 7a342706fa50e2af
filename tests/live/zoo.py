"""Starts guests that are full of devices, and reads these back through QOM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import machdesc
from machdesc.abi.makeup import REALIZED
from machdesc.hints.hint import Hints
from machdesc.live.child import QemuFailure
from machdesc.live.guest import start_guest
from machdesc.live.monitor import Monitor
from machdesc.live.process import Process
from machdesc.live.sandbox import known
from machdesc.live.sandbox.sandbox import replace_back_ends
from machdesc.resolve.guest import Guest
from tests.live.binary import Binary
from tests.live.plug import SIZE, Plug, describe, plug_types
from tests.live.qom import Objects, read_objects
from tests.live.sight import words

_PATIENCE_SECONDS = 20.0


class Seen(NamedTuple):
    """One device as QEMU shows it, and the guest that it was compiled from."""

    guest: Guest
    id: str
    objects: Objects


class Refused(Exception):
    """A guest that machdesc does not compile or QEMU does not start; the text says why."""


def see_types(
    binary: Binary, types: Sequence[str], machine: str, machine_version: str, version: str
) -> dict[str, Seen | str]:
    """Each type as QEMU shows it, or why it cannot be had. Plugs several at once; where one of them
    keeps the others from starting, fewer."""
    seen: dict[str, Seen | str] = {}
    for start in range(0, len(types), SIZE):
        plugs = plug_types(machdesc.load_catalog(), binary.release, machine, types[start : start + SIZE])
        seen.update(_see(binary, plugs, machine, machine_version, version))
    return seen


def _see(
    binary: Binary, plugs: list[Plug], machine: str, machine_version: str, version: str
) -> dict[str, Seen | str]:
    text = describe(plugs, machine, machine_version, version)
    try:
        with started(binary, text) as (guest, process):
            paths = {plug.id: f"/machine/peripheral/{plug.id}" for plug in plugs}
            objects = read_objects(process.monitor, list(paths.values()))
            seen: dict[str, Seen | str] = {}
            for plug in plugs:
                others = _realized(process.monitor, REALIZED.get(plug.type, ()))
                seen[plug.type] = Seen(guest, plug.id, objects[paths[plug.id]] | others)
            return seen
    except (Refused, QemuFailure) as failure:
        if len(plugs) == 1:
            return {plugs[0].type: str(failure)}
        half = len(plugs) // 2
        parts = (plugs[:half], plugs[half:])
        halves = [_see(binary, part, machine, machine_version, version) for part in parts]
        return {**halves[0], **halves[1]}


def _realized(monitor: Monitor, types: Sequence[str]) -> Objects:
    """Parts that a device has made outside itself, by type and number."""
    if not types:
        return {}
    words = {f"child<{type_}>" for type_ in types}
    names = [i["name"] for i in monitor.ask("qom-list", path="/machine/unattached") if i["type"] in words]
    found = read_objects(monitor, [f"/machine/unattached/{name}" for name in names])
    count: dict[object, int] = {}
    objects: Objects = {}
    for device in found.values():
        type_ = device[""]["type"]
        count[type_] = count.get(type_, 0) + 1
        objects[f"({type_} {count[type_]})"] = device[""]
    return objects


@contextmanager
def started(binary: Binary, text: str, hints: Hints | None = None) -> Iterator[tuple[Guest, Process]]:
    """A paused guest of a description, with harmless back ends but all of its devices; by hints, if there are
    some.

    :raises Refused: when it does not compile.
    """
    description, diagnostics = machdesc.load_source(machdesc.source_of(text, "guest"))
    assert description is not None
    file = None if hints is None else ("zoo.hints", hints)
    compiled, more = machdesc.compile(description, binary.release, hints=file)
    if compiled is None:
        raise Refused("; ".join(d.message for d in (*diagnostics, *more) if d.severity == "error"))
    with _nothing_left_out():
        harmless = replace_back_ends(compiled)
    with start_guest(words(binary), harmless, patience=_PATIENCE_SECONDS) as process:
        yield compiled.guest, process


@contextmanager
def _nothing_left_out() -> Iterator[None]:
    """Devices that need more than a harmless back end shall fail, and not be missing."""
    needs, devices, texts = dict(known.NEEDS_HOST), known.DEVICES, dict(known.DEVICE_TEXTS)
    known.NEEDS_HOST.clear()
    known.DEVICES = frozenset(machdesc.load_catalog().names("device"))
    known.DEVICE_TEXTS["rootdir"] = "a folder of usb-mtp"
    try:
        yield
    finally:
        known.NEEDS_HOST.update(needs)
        known.DEVICES = devices
        known.DEVICE_TEXTS.clear()
        known.DEVICE_TEXTS.update(texts)
