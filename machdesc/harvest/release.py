"""Harvests one binary: runs all probes over it and puts together what it tells."""

from __future__ import annotations

from collections.abc import Sequence

from machdesc.harvest.conversation import start_conversation
from machdesc.harvest.device_list import parse_device_list
from machdesc.harvest.fact import ReleaseFact
from machdesc.harvest.probe_machine import probe_contents, probe_machines
from machdesc.harvest.probe_type import probe_type_names, probe_types


async def harvest_release(binary: Sequence[str]) -> ReleaseFact:
    """All that `binary` (the words of its command line) tells.

    Raises `QemuFailure` when it does not run at all; what else fails is under `missing`.
    """
    async with start_conversation(binary, "-machine", "none") as qemu:
        version = await qemu.ask("query-version")
        arch = (await qemu.ask("query-target"))["arch"]
        machines = await probe_machines(qemu)
        names = await probe_type_names(qemu)
        listed = parse_device_list(await qemu.human("info qdm"))
        cpus = await qemu.ask("query-cpu-definitions")
    types, missing = await probe_types(binary, names, listed, [machine.name for machine in machines])
    machines, unstarted = await probe_contents(binary, machines)
    number = version["qemu"]
    return ReleaseFact(
        release=f"{number['major']}.{number['minor']}",
        build=f"{number['major']}.{number['minor']}.{number['micro']}",
        package=version["package"],
        arch=arch,
        machines=tuple(machines),
        device_aliases={
            device.alias: device.name for device in sorted(listed.values(), key=lambda d: d.alias) if device.alias
        },
        cpus={
            cpu["name"]: {
                key: cpu[key] for key in sorted(cpu) if key not in ("name", "unavailable-features")
            }
            for cpu in sorted(cpus, key=lambda cpu: str(cpu["name"]))
        },
        tree=names.tree,
        types=tuple(types),
        missing=dict(sorted({**missing, **unstarted}.items())),
    )
