"""Harvests one binary: runs all probes over it and puts together what it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from machdesc.harvest.device_list import ListedDevice, parse_device_list
from machdesc.harvest.fact import MachineFact, ReleaseFact, TypeFact
from machdesc.harvest.probe_enum import probe_enums
from machdesc.harvest.probe_list import probe_lists
from machdesc.harvest.probe_machine import probe_contents, probe_machines
from machdesc.harvest.probe_offer import probe_offers
from machdesc.harvest.probe_type import ancestors, probe_type_names, probe_types
from machdesc.harvest.probe_vmstate import probe_vmstate
from machdesc.harvest.version import machine_family, machine_key
from machdesc.live.child import QemuFailure
from machdesc.live.conversation import start_conversation


async def harvest_release(binary: Sequence[str], tell: Callable[[str], None] = lambda _: None) -> ReleaseFact:
    """All that `binary` (the words of its command line) tells; `tell` is called with what is asked for.

    Raises `QemuFailure` when it does not run at all; what else fails is under `missing`.
    """
    tell("asking for lists of all that there is")
    async with start_conversation(binary, "-machine", "none", "-accel", "tcg") as qemu:
        version = await qemu.ask("query-version")
        arch = (await qemu.ask("query-target"))["arch"]
        machines = await probe_machines(qemu)
        names = await probe_type_names(qemu)
        listed = parse_device_list(await qemu.human("info qdm"))
        cpus = await qemu.ask("query-cpu-definitions")
        schema = await qemu.ask("query-qmp-schema")
        root = qemu.root()
    tell(f"asking {len(names.devices)} types of devices for their properties")
    types, missing = await probe_types(binary, names, listed, [machine.name for machine in machines])
    tell(f"starting {len(machines)} machine types")
    machines, unstarted = await probe_contents(binary, machines)
    types += _families_untold(types, machines, names.tree)
    tell("trying the words of properties")
    types = await probe_enums(binary, types, schema, names.tree)
    types = await probe_lists(binary, types, schema)
    tell("plugging devices in for the buses that they offer")
    types = await probe_offers(binary, types)
    tell("dumping the layouts of saved states")
    vmstate = None
    try:
        vmstate = probe_vmstate(binary, root)
    except QemuFailure as failure:
        missing["vmstate"] = str(failure)
    number = version["qemu"]
    return ReleaseFact(
        release=f"{number['major']}.{number['minor']}",
        build=f"{number['major']}.{number['minor']}.{number['micro']}",
        package=version["package"],
        arch=arch,
        machines=tuple(machines),
        device_aliases=_aliases(listed.values()),
        cpus={str(cpu["name"]): _cpu(cpu) for cpu in sorted(cpus, key=lambda cpu: str(cpu["name"]))},
        tree=names.tree,
        types=tuple(types),
        missing=dict(sorted({**missing, **unstarted}.items())),
        express=names.express,
        vmstate=vmstate,
    )


def _families_untold(
    types: Iterable[TypeFact], machines: Iterable[MachineFact], tree: Mapping[str, str]
) -> list[TypeFact]:
    """Machine families whose type does not tell its properties, but whose started machine does."""
    told = {fact.name for fact in types if fact.kind == "machine"}
    newest = {machine_family(m.name): m for m in sorted(machines, key=lambda m: machine_key(m.name))}
    return [
        TypeFact(
            kind="machine",
            name=family,
            properties=machine.properties,
            parents=ancestors(f"{machine.name}-machine", tree),
            example=machine.name,
        )
        for family, machine in newest.items()
        if family not in told and machine.properties
    ]


def _aliases(devices: Iterable[ListedDevice]) -> dict[str, str]:
    return {device.alias: device.name for device in sorted(devices, key=lambda d: d.alias) if device.alias}


def _cpu(told: Mapping[str, object]) -> dict[str, object]:
    """A CPU model's facts, without what depends on the host."""
    return {key: told[key] for key in sorted(told) if key not in ("name", "unavailable-features")}
