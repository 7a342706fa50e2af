"""Devices: their types, the buses that they offer, and where each is plugged.

After this phase every device's type, bus and address are known or reported, and the devices
stand in an order in which each bus comes before what is plugged into it.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, Suggestion, error, listed
from machdesc.model.guest import Description
from machdesc.resolve.address import kind_of
from machdesc.resolve.guest import Address, Bus, Device
from machdesc.resolve.machine import machine_name, versions_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machdesc.catalog.catalog import Catalog, DeviceType, MachineType
    from machdesc.model.variant import Variant
    from machdesc.syntax.tree import Statement, Word

_new = tuple.__new__
"""Makes the commonest records without the detour over their own constructor."""


def resolve_devices(
    description: Description,
    catalog: Catalog,
    release: str,
    machine: MachineType | None,
    machine_version: str,
    diagnostics: list[Diagnostic],
    lookup: Callable[[str], tuple[Variant, ...] | None],
) -> tuple[tuple[Device, ...], dict[str, Bus]]:
    """All devices with their types and places, and all buses by name."""
    typed: list[tuple[Statement, DeviceType | None]] = []
    types: dict[str, DeviceType | None] = {}
    for statement in description.all("device"):
        word = statement.head.text if statement.head is not None else ""
        found = types.get(word)
        if found is None:
            found = types[word] = _resolve_type(statement, catalog, release, diagnostics)
        typed.append((statement, found))
    buses: dict[str, Bus] = {}
    if machine is not None:
        for name, bus_type in machine.facts(release).buses.items():
            buses[name] = Bus(name, bus_type, "", kind_of(bus_type, catalog, release))
    for statement, device_type in typed:
        if statement.id is not None and device_type is not None:
            for suffix, bus_type in device_type.offers(release).items():
                name = statement.id.text + suffix
                if suffix[:1] == "=":
                    name = suffix[1:]
                    if name in buses:
                        # Of two of a name QEMU takes the first (system/qdev-monitor.c, qbus_find).
                        continue
                kind = kind_of(bus_type, catalog, release)
                buses[name] = Bus(name, bus_type, statement.id.text, kind)
    fitting = _Fitting(buses, catalog, release)
    devices: list[Device] = []
    for statement, device_type in typed:
        ident = statement.id.text if statement.id is not None else ""
        address = _resolve_address(
            statement, device_type, fitting, catalog, release, machine is not None, diagnostics
        )
        version = machine_version
        if statement.version is not None:
            version = _resolve_version(
                statement.version, catalog, description, machine, machine_version, diagnostics, lookup
            )
        devices.append(_new(Device, (statement, ident, device_type, address, version)))
    return _plug_order(devices, diagnostics), buses


class _Fitting:
    """Which buses a device may be plugged into; looked for once for all devices that need the same."""

    def __init__(self, buses: dict[str, Bus], catalog: Catalog, release: str) -> None:
        self.buses = buses
        self._target = catalog, release
        self._names: dict[str, tuple[str, ...]] = {}
        self._all: tuple[str, ...] = ()

    def names(self, needed: str) -> tuple[str, ...]:
        """The buses for devices that need a bus of a type."""
        if needed not in self._names:
            fitting = [bus.name for bus in self.buses.values() if _fits(needed, bus.type, *self._target)]
            self._names[needed] = tuple(fitting)
        return self._names[needed]

    def all(self) -> tuple[str, ...]:
        """All buses."""
        self._all = self._all or tuple(self.buses)
        return self._all


def _resolve_type(
    statement: Statement, catalog: Catalog, release: str, diagnostics: list[Diagnostic]
) -> DeviceType | None:
    """The type that a device names, by itself or by an alias."""
    assert statement.head is not None
    word, span = statement.head.text, statement.head.span
    device_type = catalog.device(catalog.device_alias(word, release) or word)
    if device_type is not None and release in device_type.releases:
        return device_type
    if device_type is not None:
        having = device_type.releases
        diagnostics.append(
            error(
                "device-not-in-release",
                f"QEMU {release} has no device type `{word}`",
                span,
                "",
                f"QEMU {', '.join(having)} has it",
            )
        )
        return None
    model = word.removesuffix(f"-{catalog.arch}-cpu")
    if model != word and catalog.cpu_model(model, release) is not None:
        message = "a CPU that is plugged in at the start cannot be described"
        help = 'raise `cpus` in the `cpu` block; or write in `host`: arguments ["-device" "…"], of which '
        diagnostics.append(error("cpu-device", message, span, "", help + "`check` knows nothing"))
        return None
    diagnostics.append(
        error(
            "unknown-device-type",
            f"no known QEMU has a device type `{word}`",
            span,
            "",
            Suggestion(word, catalog.names("device")),
        )
    )
    return None


def _resolve_address(
    statement: Statement,
    device_type: DeviceType | None,
    fitting: _Fitting,
    catalog: Catalog,
    release: str,
    machine_known: bool,
    diagnostics: list[Diagnostic],
) -> Address | None:
    """Where a device is plugged; None when it does not say, or says what cannot be."""
    if statement.address is None or device_type is None:
        return None
    span = statement.address.span
    name, slash, unit = statement.address.text.partition("/")
    bus = fitting.buses.get(name)
    needed = device_type.bus(release)
    if bus is None:
        if machine_known:
            names = fitting.names(needed)
            diagnostics.append(
                error(
                    "unknown-bus",
                    f"no bus `{name}`",
                    (span[0], span[0] + len(name), span[2]),
                    listed(names),
                    Suggestion(name, names or fitting.all()),
                )
            )
        return None
    if not needed or not _fits(needed, bus.type, catalog, release):
        wants = f"a bus of type `{needed}`" if needed else "no bus"
        diagnostics.append(
            error(
                "wrong-bus-type",
                f"`{device_type.name}` needs {wants}, and `{name}` is of type `{bus.type}`",
                span,
                listed(fitting.names(needed)) if needed else "",
                "" if needed else "leave `at` out",
            )
        )
        return None
    kind = bus.kind
    if not slash:
        return Address(bus, "", (), span)
    place = (span[0] + len(name) + 1, span[1], span[2])
    if kind is None:
        diagnostics.append(
            error(
                "bad-address",
                f"a bus of type `{bus.type}` has no addresses",
                place,
                "",
                f"write `at {name}`",
            )
        )
        return Address(bus, "", (), span)
    properties = kind.parse(unit)
    if properties is None:
        diagnostics.append(
            error("bad-address", f"`{unit}` is no address on a bus of type `{bus.type}`", place, kind.form)
        )
        return Address(bus, "", (), span)
    return _new(Address, (bus, unit, properties, span))


def _fits(needed: str, offered: str, catalog: Catalog, release: str) -> bool:
    """Whether a device that needs one bus type can be plugged into a bus of another."""
    return needed == offered or needed in catalog.ancestors(offered, release)


def _resolve_version(
    word: Word,
    catalog: Catalog,
    description: Description,
    type: MachineType | None,
    machine_version: str,
    diagnostics: list[Diagnostic],
    lookup: Callable[[str], tuple[Variant, ...] | None],
) -> str:
    """The ABI version of a device that has one of its own; that of its machine where there is no such."""
    machine, version = description.one("machine"), word.text
    if machine is None or machine.head is None or version == machine_version:
        return machine_version
    named = type or catalog.machine(machine.head.text)
    name = machine_name(catalog, named.family if named is not None else machine.head.text, version)
    if catalog.machine(name) is None:
        chain = lookup(name)
        if chain is not None:
            return version if chain else machine_version
        diagnostics.append(
            error(
                "unknown-device-version",
                f"ABI version `{version}` is not known: no known QEMU has `{name}`",
                word.span,
                versions_of(catalog, named.family) if named is not None else "",
            )
        )
        return machine_version
    return version


def _plug_order(devices: list[Device], diagnostics: list[Diagnostic]) -> tuple[Device, ...]:
    """The devices as they stand, but each behind the one whose bus it is plugged into."""
    if _stand_in_order(devices):
        return tuple(devices)
    by_id = {device.id: device for device in devices if device.id}
    ordered: dict[int, Device] = {}
    for device in devices:
        # From a device up to the one that is plugged into the machine itself, and down again.
        chain: dict[int, Device] = {}
        current: Device | None = device
        while current is not None and id(current) not in ordered:
            if id(current) in chain:
                assert current.address is not None
                diagnostics.append(
                    error(
                        "bus-cycle", f"`{current.id}` is plugged into a bus of its own", current.address.span
                    )
                )
                break
            chain[id(current)] = current
            current = by_id.get(current.address.bus.owner) if current.address is not None else None
        ordered.update(reversed(chain.items()))
    return tuple(ordered.values())


def _stand_in_order(devices: list[Device]) -> bool:
    """Whether each stands behind the one whose bus it is plugged into; most do."""
    seen = {""}
    for device in devices:
        if device.address is not None and device.address.bus.owner not in seen:
            return False
        seen.add(device.id)
    return True
