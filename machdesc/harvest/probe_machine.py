"""Asks for machine types: what QEMU says of them, and what each holds when it is started empty.

The defaults are read before the machine is built (`-preconfig`), since building it replaces some
of them (`auto` becomes `on`); buses and devices are read afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from machdesc.harvest.fact import Compat, MachineFact, PropertyFact
from machdesc.live.child import QemuFailure
from machdesc.live.conversation import Conversation, Refusal, start_conversation
from machdesc.live.device_tree import TreeBus, parse_device_tree, walk_buses, walk_devices

_AT_ONCE = 2
_NOT_ABOUT = frozenset({"name", "compat-props"})
_PCI = frozenset({"PCI", "PCIE", "CXL"})


async def probe_machines(qemu: Conversation) -> list[MachineFact]:
    """All machine types as `query-machines` tells them, by name."""
    try:
        told = await qemu.ask("query-machines", compat_props=True)
    except Refusal:  # before 9.1 the binary does not tell them
        told = await qemu.ask("query-machines")
    return [
        MachineFact(
            name=entry["name"],
            about={key: entry[key] for key in sorted(entry) if key not in _NOT_ABOUT},
            compat=_compat(entry.get("compat-props")),
        )
        for entry in sorted(told, key=lambda entry: str(entry["name"]))
    ]


async def probe_contents(
    binary: Sequence[str], machines: Sequence[MachineFact]
) -> tuple[list[MachineFact], dict[str, str]]:
    """The machine types with defaults, buses and built-in devices, and why some lack them."""
    slots = asyncio.Semaphore(_AT_ONCE)
    missing: dict[str, str] = {}

    async def probe(machine: MachineFact) -> MachineFact:
        async with slots:
            probed = machine
            for accelerator in (("-accel", "tcg"), ()):  # Xen's machine types bring their own
                try:
                    async with start_conversation(
                        binary, "-machine", machine.name, *accelerator, "-preconfig"
                    ) as qemu:
                        listed = await qemu.ask("qom-list", path="/machine")
                        probed = replace(
                            machine,
                            defaults=await _probe_defaults(qemu, listed),
                            properties=_properties(listed),
                        )
                        await qemu.ask("x-exit-preconfig")
                        tree = parse_device_tree(await qemu.human("info qtree"))
                except (QemuFailure, Refusal) as failure:
                    missing[f"{machine.name}-machine"] = f"machine does not start: {failure}"
                else:
                    missing.pop(f"{machine.name}-machine", None)
                    return replace(probed, buses=_buses(tree), builtin=_builtin(tree))
            return probed

    probed = await asyncio.gather(*map(probe, machines))
    return list(probed), missing


async def _probe_defaults(qemu: Conversation, listed: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """The scalar properties of the machine object; an unset string is not told."""
    names = sorted(
        entry["name"]
        for entry in listed
        if entry["name"] != "type" and not entry["type"].startswith(("child<", "link<", "struct "))
    )
    values = await qemu.ask_all([("qom-get", {"path": "/machine", "property": name}) for name in names])
    return {
        name: value
        for name, value in zip(names, values, strict=True)
        if isinstance(value, (bool, int, float, str)) and value != ""
    }


def _properties(listed: Sequence[Mapping[str, str]]) -> tuple[PropertyFact, ...]:
    return tuple(
        PropertyFact(entry["name"], entry["type"])
        for entry in sorted(listed, key=lambda entry: entry["name"])
        if entry["name"] != "type" and not entry["type"].startswith(("child<", "struct "))
    )


def _compat(told: Sequence[Mapping[str, Any]] | None) -> Compat | None:
    if told is None:
        return None
    return tuple((entry["qom-type"], entry["property"], entry["value"]) for entry in told)


def _buses(tree: list[TreeBus]) -> dict[str, str]:
    return dict(sorted((bus.name, bus.type) for bus in walk_buses(tree)))


def _builtin(tree: list[TreeBus]) -> dict[str, str]:
    return dict(
        sorted(
            (f"{bus.name}/{device.address}", device.type)
            for bus, device in walk_devices(tree)
            if device.address and bus.type in _PCI
        )
    )
