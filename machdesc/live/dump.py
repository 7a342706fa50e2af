"""Takes hints of a running QEMU: every property that could be set, of every device, with its value.

What matters to a guest is not known in advance, so all is kept that a later QEMU may do otherwise: all
properties that some known release lets be set; of a QEMU of an unknown release also those that none has. What
names something of the host, and what only the running QEMU has, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from machdesc.catalog.catalog import Catalog, DeviceType, Property
from machdesc.hints.hint import DeviceHint, Hints
from machdesc.live.cpu_flag import read_flags
from machdesc.live.qom import UNREADABLE, Object
from machdesc.live.running import Running, RunningDevice
from machdesc.schema.validate import INTERNAL

_NOT_KEPT = INTERNAL | {"id", "legacy-addr", "legacy-host", "legacy-netdev"}
_MACHINES_OWN = {"phandle-start", "dumpdtb", "rtc-time", "kernel", "initrd", "append", "dtb", "firmware"}
"""Properties of the machine that say what it starts and how QEMU is debugged, not what it is."""


def take_hints(running: Running, catalog: Catalog, command_line: Sequence[str] = ()) -> Hints:
    """All that is told of a guest that matters for its hardware. The flags of its processors are told by
    the words of its command line alone."""
    cpu = running.cpus[0] if running.cpus else None
    machine = catalog.machine(running.machine_type)
    family = catalog.machine_schema(machine.family) if machine is not None else None
    cpu_names = _ever(catalog.cpu_schema(), catalog)
    is_known = knows_release(catalog, running.release)
    machine_values = _kept(running.machine, _ever(family, catalog), is_known)
    return Hints(
        running.version,
        running.package,
        running.arch,
        running.machine_type,
        {name: value for name, value in machine_values.items() if name not in _MACHINES_OWN},
        running.memory,
        # A number of processors means the first places; no hint says that others were plugged in.
        running.topology and {**running.topology, "cpus": running.leading_cpus},
        cpu.type if cpu is not None else "",
        _kept(cpu.properties, cpu_names, is_known) if cpu is not None else {},
        read_flags(command_line, cpu_names),
        tuple(_device(device, catalog, is_known) for device in running.devices),
    )


def knows_release(catalog: Catalog, release: str) -> bool:
    """Whether a catalog has a release, or a distribution's build of it."""
    return any(known.partition("+")[0] == release for known in catalog.releases)


def _device(device: RunningDevice, catalog: Catalog, is_known: bool) -> DeviceHint:
    values = _kept(device.properties, _ever(catalog.device(device.type), catalog), is_known)
    of_parts: dict[str, set[bool | int | str]] = {}
    for part in device.parts.values():
        type = str(part["type"].value)
        for name, value in _kept(part, _ever(catalog.device(type), catalog), is_known).items():
            if name not in device.properties:
                of_parts.setdefault(f"{type}.{name}", set()).add(value)
    # What two parts of one type have otherwise, such as the ports of two DMA controllers, is no setting of
    # the type's.
    values |= {name: next(iter(told)) for name, told in of_parts.items() if len(told) == 1}
    return DeviceHint(device.type, device.id, device.given, device.bus_name, device.unit, values)


def _ever(schema: DeviceType | None, catalog: Catalog) -> dict[str, Property]:
    """The properties that a type has in any release; none of a type that the catalog does not know."""
    found: dict[str, Property] = {}
    if schema is not None:
        for release in catalog.releases:
            found |= schema.properties(release)
    return found


def _kept(shown: Object, known: Mapping[str, Property], is_known: bool) -> dict[str, bool | int | str]:
    """The properties to keep, by name; all where nothing is known of the type, or of the release."""
    return {
        name: told.value
        for name, told in sorted(shown.items())
        if isinstance(told.value, (bool, int, str))
        and told.value != UNREADABLE
        and not (name in _NOT_KEPT or told.type.startswith(("link<", "child<")))
        and (not known[name].refers if name in known else not (known and is_known))
    }
