"""Takes hints of a running QEMU: every property that could be set, of every device, with its value.

What matters to a guest is not known in advance, so all is kept that a later QEMU may do otherwise: all
properties that some known release lets be set. What names something of the host, and what only the
running QEMU has, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from machdesc.catalog.catalog import Catalog, DeviceType, Property
from machdesc.hints.hint import DeviceHint, Hints
from machdesc.live.qom import UNREADABLE, Object
from machdesc.live.running import Running, RunningDevice
from machdesc.schema.validate import INTERNAL

_NOT_KEPT = INTERNAL | {"id", "legacy-addr", "legacy-host", "legacy-netdev"}
_MACHINES_OWN = {"phandle-start", "dumpdtb", "rtc-time", "kernel", "initrd", "append", "dtb", "firmware"}
"""Properties of the machine that say what it starts and how QEMU is debugged, not what it is."""


def take_hints(running: Running, catalog: Catalog) -> Hints:
    """All that is told of a guest that matters for its hardware."""
    cpu = running.cpus[0] if running.cpus else None
    machine = catalog.machine(running.machine_type)
    names = _ever(catalog.machine_schema(machine.family), catalog) if machine is not None else None
    cpu_names = _ever(catalog.cpu_schema(), catalog)
    return Hints(
        running.version,
        running.package,
        running.arch,
        running.machine_type,
        {n: v for n, v in _kept(running.machine, names) if n not in _MACHINES_OWN},
        cpu.type if cpu is not None else "",
        dict(_kept(cpu.properties, cpu_names)) if cpu is not None else {},
        {},
        tuple(_device(device, catalog) for device in running.devices),
    )


def _device(device: RunningDevice, catalog: Catalog) -> DeviceHint:
    own = _properties(catalog, device.type)
    values = dict(_kept(device.properties, own))
    for part in device.parts.values():
        type = str(part["type"].value)
        for name, value in _kept(part, _properties(catalog, type)):
            if name not in device.properties:
                values[f"{type}.{name}"] = value
    return DeviceHint(device.type, device.id, device.given, device.bus_name, device.unit, values)


def _properties(catalog: Catalog, type: str) -> Mapping[str, Property] | None:
    """The properties that a type has in any release; None for a type that the catalog does not know."""
    return _ever(catalog.device(type), catalog) or None


def _ever(schema: DeviceType | None, catalog: Catalog) -> dict[str, Property]:
    found: dict[str, Property] = {}
    if schema is not None:
        for release in catalog.releases:
            found |= schema.properties(release)
    return found


def _kept(shown: Object, known: Mapping[str, Property] | None) -> Iterator[tuple[str, bool | int | str]]:
    """The properties to keep, by name."""
    for name, told in sorted(shown.items()):
        if name in _NOT_KEPT or told.type.startswith(("link<", "child<")) or told.value == UNREADABLE:
            continue
        if known is not None and (name not in known or known[name].refers):
            continue
        if isinstance(told.value, (bool, int, str)):
            yield name, told.value
