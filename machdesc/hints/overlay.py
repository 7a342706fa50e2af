"""Lays hints over a description: what a device had, and would not have again, is written into its block.

A device is the one of its id, else the one of its type in the same place, else the only one of its type.
What the description says itself has to agree with the hints: one of the two is wrong then, and only a
person knows which. A machine's own devices, and parts of devices, are reached by globals.
"""

from __future__ import annotations

from machdesc.abi.effective import DEFAULT, UNKNOWN, WRITTEN, Effective, effective, unwritten
from machdesc.abi.machine import machine_effective
from machdesc.abi.makeup import makeup_of
from machdesc.abi.onboard import own_changes, own_types, own_types_of_any
from machdesc.abi.processor import cpu_effective, cpu_model, cpu_type
from machdesc.abi.shown import is_shown, why_changed
from machdesc.abi.smbios import NAMED_TABLES, named_tables
from machdesc.abi.standing import machine_standing, untold
from machdesc.abi.standing import standing as standing_of
from machdesc.abi.version import option_text
from machdesc.diagnostic import Diagnostic, error, warning
from machdesc.model.guest import Description
from machdesc.record import Record
from machdesc.resolve.address import KINDS, kind_of
from machdesc.syntax.tree import Block, Number, Property, Statement, String, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from machdesc.abi.standing import Standing
    from machdesc.catalog.catalog import Property as Known
    from machdesc.hints.hint import DeviceHint, Hints
    from machdesc.resolve.guest import Device, Guest
    from machdesc.syntax.tree import Span

    Scalar: TypeAlias = "bool | int | str"

_PLACES = frozenset(name for kind in KINDS.values() for name in kind.properties)
"""Properties that say where a device is; the address says that."""

_NOT_OURS = frozenset(
    ("memory-backend", "device-memory-region-size", "max-ram-below-4g", "accel", "smp", "memory", "boot")
)
"""Properties of the machine that other statements say, or that follow from them."""


class Overlay(Record):
    """The description with what the hints add, and what is wrong."""

    description: Description
    diagnostics: list[Diagnostic]


def lay_over(
    guest: Guest, hints: Hints, file: str, wishes: Container[tuple[str, str]] | None = None
) -> Overlay:
    """The guest's description with all that the hints of `file` say beyond it.

    What QEMU may have chosen by itself, such as the size of a ROM, is among it; with `wishes` only of the
    devices and properties that these name.

    Codes: hint-without-device, hint-of-another-type, hint-of-another-place, hint-contradicted,
    hint-without-property, hint-conflict, hint-for-another-machine, no-hint.
    """
    return _Job(guest, hints, file, wishes).run()


class _Job:
    def __init__(
        self, guest: Guest, hints: Hints, file: str, wishes: Container[tuple[str, str]] | None
    ) -> None:
        self._wishes = wishes
        self._guest = guest
        self._hints = hints
        self._file = file
        self._found: list[Diagnostic] = []
        self._added: dict[int, list[Property]] = {}
        self._placed: dict[int, Word] = {}
        self._versioned: dict[int, Word] = {}
        self._globals: dict[tuple[str, str], tuple[Scalar, str, Span]] = {}
        self._wanted: Standing | None = None

    def run(self) -> Overlay:
        """All of it."""
        machine = self._guest.description.one("machine")
        if self._guest.machine is None or machine is None:
            return Overlay(self._guest.description, [])
        span = _head(machine)
        if self._hints.arch != self._guest.catalog.arch or not self._is_of_family():
            message = (
                f"{self._file} holds hints of a `{self._hints.machine}` ({self._hints.arch}), and the guest "
                f"is a `{self._guest.machine_name}`"
            )
            help = "take the hints of this guest"
            self._found.append(error("hint-for-another-machine", message, span, "", help))
            return Overlay(self._guest.description, self._found)
        self._wanted = self._find_wanted(span)
        self._devices()
        self._own_devices(span)
        machine_values = self._machine(machine, span)
        cpu_values = self._processors(span)
        return Overlay(self._description(machine_values, cpu_values), self._found)

    def _find_wanted(self, span: Span) -> Standing | None:
        """How the machine type that was dumped stands in this release; None when it is the guest's own, or
        nobody tells."""
        if self._hints.machine == self._guest.abi_name:
            return None
        known = self._guest.catalog.machine(self._hints.machine)
        wanted = standing_of(self._guest.catalog, self._guest.release, self._hints.machine)
        if known is None or untold(wanted) or untold(machine_standing(self._guest)):
            message = (
                f"no known QEMU tells what devices do under `{self._hints.machine}`: of properties that QEMU "
                f"{self._hints.version} did not know nothing is kept"
            )
            help = "harvest a QEMU from 9.1 on that has it: machdesc harvest --qemu BINARY"
            self._found.append(warning("version-untold", message, span, "", help))
            return None
        return wanted

    def _is_of_family(self) -> bool:
        known = self._guest.catalog.machine(self._hints.machine)
        return known is None or self._guest.machine is None or known.family == self._guest.machine.family

    # Devices that somebody asked for, or that a bare command line brought along.

    def _devices(self) -> None:
        pairs, rest = _matched(self._guest, self._hints)
        for number, hint in pairs.items():
            self._device(number, self._guest.devices[number], hint)
        for number, device in enumerate(self._guest.devices):
            if number not in pairs and device.type is not None:
                message = f"{self._file} has no hint for `{device.id or device.type.name}`"
                help = f"it is as in {device.version}; was it added after the dump?"
                self._found.append(warning("no-hint", message, _heading(device), "", help))
        for hint in rest:
            name = hint.id or f"{hint.type} at {_place(hint)}"
            message = f"{self._file} has a hint for `{name}`, which the description does not have"
            machine = self._guest.description.one("machine")
            assert machine is not None
            place = f" at {_place(hint)}" if _place(hint) else ""
            help = f"describe it: device {hint.type} {hint.id or 'ID'}{place}; or dump again without it"
            self._found.append(error("hint-without-device", message, _head(machine), "", help))

    def _device(self, number: int, device: Device, hint: DeviceHint) -> None:
        assert device.type is not None
        span = _heading(device)
        if device.type.name != hint.type:
            message = f"`{device.id}` is a `{device.type.name}`, and {self._file} has a `{hint.type}`"
            help = "write the type that the guest has, or dump again"
            self._found.append(error("hint-of-another-type", message, span, "", help))
            return
        self._put(number, device, hint)
        self._date(number, device, span)
        kind = kind_of(device.type.bus(self._guest.release), self._guest.catalog, self._guest.release)
        places = kind.properties if kind is not None and hint.unit else ()
        makeup = makeup_of(self._guest.catalog, self._guest.release, device.type.name)
        for name, value in hint.values.items():
            if name in places:
                continue
            if makeup.property(name) is None:
                self._gone(device.id or hint.type, hint.type, name, value, span)
                continue
            found = effective(self._guest, device, name)
            if self._is_kept(found, value, hint.type, makeup.property(name), device.id):
                continue
            if found.origin == WRITTEN:
                self._contradicted(device.id or hint.type, found, value, span)
            elif name in makeup.own.properties:
                self._added.setdefault(number, []).append(_property(name, value, span))
            else:
                self._global(name, value, device.id or hint.type, span)

    def _date(self, number: int, device: Device, span: Span) -> None:
        """The version: what the QEMU that was asked did not know yet is as under the machine that it ran."""
        if device.statement.version is None and self._wanted is not None:
            self._versioned[number] = Word(self._wanted.machine.rpartition("-")[2], span)

    def _put(self, number: int, device: Device, hint: DeviceHint) -> None:
        """The place: given to a device that has none, else it has to be the same."""
        if not hint.bus or hint.bus not in self._guest.buses:
            return
        if device.address is None or (not device.address.unit and device.address.bus.name == hint.bus):
            self._placed[number] = Word(_place(hint), _heading(device))
            return
        wanted = ":".join(value for _, value in device.address.properties)
        if device.address.bus.name != hint.bus or (wanted and hint.unit and wanted != hint.unit):
            here = f"{device.address.bus.name}/{device.address.unit}"
            message = f"`{device.id}` is at {here}, and {self._file} has it at {_place(hint)}"
            help = "write the address at which the guest knows it, or dump again"
            self._found.append(error("hint-of-another-place", message, device.address.span, "", help))

    # What the machine brings along.

    def _own_devices(self, span: Span) -> None:
        """The devices on board: what they had by the compat properties of the machine, as globals.

        What is not the same for all of one type is their place, or their number; what no compat property
        says is said by the machine's code, which says it again.
        """
        values: dict[str, list[Mapping[str, Scalar]]] = {}
        for hint in self._hints.devices:
            if not hint.given:
                values.setdefault(hint.type, []).append(hint.values)
        now, former = machine_standing(self._guest), self._former()
        for type in own_types(self._guest):
            makeup = makeup_of(self._guest.catalog, self._guest.release, type)
            each = values.get(type, [{}])
            owner = f"the machine's {type}"
            for name, value in each[0].items():
                if name in _PLACES or any(other.get(name) != value for other in each):
                    continue
                if not _is_unwritten(former, type, name, value):
                    continue
                property = makeup.property(name)
                if property is None:
                    self._gone(owner, type, name, value, span)
                elif not self._is_kept(unwritten(now, type, name), value, type, property):
                    self._global(_inside(type, name), value, owner, span)
            for name, value in self._changes(type, now, each[0]):
                self._global(_inside(type, name), value, owner, span)

    def _changes(self, type: str, now: Standing, told: Mapping[str, Scalar]) -> Iterator[tuple[str, Scalar]]:
        """What the dumped machine type sets of a type in this release, of properties that were not told."""
        if self._wanted is None:
            return
        for name in own_changes(type, now, self._wanted):
            value = unwritten(self._wanted, type, name).value
            if name not in told and isinstance(value, (bool, int, str)) and value != "":
                yield name, value

    def _former(self) -> Standing:
        """The standing of a machine's own devices in the QEMU that was asked."""
        catalog = self._guest.catalog
        release = self._hints.release if self._hints.release in catalog.releases else catalog.releases[-1]
        return standing_of(catalog, release, self._hints.machine)

    def _machine(self, statement: Statement, span: Span) -> list[Property]:
        added = []
        schema = self._guest.machine_schema
        known = schema.properties(self._guest.release) if schema is not None else {}
        for name, value in self._hints.machine_values.items():
            if name in _NOT_OURS:
                continue
            if name not in known:
                self._gone("machine", "", name, value, span)
                continue
            found = machine_effective(self._guest, name)
            if found.origin == UNKNOWN or self._is_kept(found, value, "machine", known[name]):
                continue
            if found.origin == WRITTEN:
                self._contradicted("machine", found, value, span)
            else:
                added.append(_property(name, value, span))
        return added + [_property(name, value, span) for name, value in self._defaults(known, statement)]

    def _defaults(self, known: Iterable[str], statement: Statement) -> Iterator[tuple[str, Scalar]]:
        """Defaults of the dumped machine type, of properties that its QEMU did not have."""
        dumped = self._guest.catalog.machine(self._hints.machine)
        if dumped is None or self._guest.machine is None or self._guest.release not in dumped.releases:
            return
        before, after = (m.facts(self._guest.release).defaults for m in (dumped, self._guest.machine))
        said = {*self._hints.machine_values, *(item.name for item in statement.properties)}
        for name in known:
            value = before.get(name)
            if name not in said and after.get(name) != value and isinstance(value, (bool, int, str)):
                yield from [(name, value)] if value not in ("", "auto") else []

    def _processors(self, span: Span) -> list[Property]:
        """Properties of CPUs that the model does not decide; the model itself has to be the same."""
        if not self._hints.cpu:
            return []
        statement = self._guest.description.one("cpu")
        place = _head(statement) if statement is not None else span
        suffix = f"-{self._guest.catalog.arch}-cpu"
        had = self._hints.cpu.removesuffix(suffix)
        known = self._guest.catalog.cpu_model(had, self._guest.release)
        model = str(cpu_model(self._guest).value)
        if model not in (had, known.alias_of if known is not None else had):
            message = f"the CPU model is `{model}`, and {self._file} has `{had}`"
            help = "write the model and the version that the guest has, or dump again"
            self._found.append(error("hint-contradicted", message, place, "", help))
            return []
        added = []
        makeup = makeup_of(self._guest.catalog, self._guest.release, cpu_type(self._guest))
        for name, value in self._hints.cpu_values.items():
            property = makeup.property(name)
            if property is None:
                continue  # a feature that this release does not know cannot be shown
            found = cpu_effective(self._guest, name)
            if name in self._hints.cpu_flags or found.origin in (UNKNOWN, DEFAULT):
                continue
            if found.origin == WRITTEN or self._is_kept(found, value, "cpu", property):
                continue  # what is asked for and what the host can do are two things
            added.append(_property(name, value, place))
        for name, value in self._hints.cpu_flags.items():
            property = makeup.property(name)
            if property is None:
                self._gone("cpu", "", name, value, place)
                continue
            found = cpu_effective(self._guest, name)
            if found.origin != WRITTEN:
                added.append(_property(name, value, place))
            elif not is_shown(found, value):
                self._contradicted("cpu", found, value, place)
        changes = self._changes(cpu_type(self._guest), machine_standing(self._guest), self._hints.cpu_values)
        written = {item.name for item in statement.properties} if statement is not None else set()
        return added + [_property(name, value, place) for name, value in changes if name not in written]

    # What they have in common.

    def _is_kept(
        self, found: Effective, value: Scalar, type: str, known: Known | None, owner: str = ""
    ) -> bool:
        """Whether the guest has a value already, or QEMU makes it up by itself."""
        qom_type = known.qemu if known is not None else ""
        is_wanted = self._wishes is None or (owner, found.name) in self._wishes
        if found.origin == UNKNOWN and (value == "" or not is_wanted):
            return True
        return is_shown(found, value) or bool(why_changed(type, found, qom_type))

    def _contradicted(self, owner: str, found: Effective, value: Scalar, span: Span) -> None:
        message = (
            f"{owner}: `{found.name}` is {option_text(found.value)} here, and {option_text(value)} in "
            f"{self._file}"
        )
        help = f"remove `{found.name}` to keep what the guest has, or dump again after the change"
        self._found.append(error("hint-contradicted", message, found.span or span, "", help))

    def _gone(self, owner: str, type: str, name: str, value: Scalar, span: Span) -> None:
        """A property that the release does not have: told unless it had its default, so nobody set it."""
        if self._was_default(type, name, value):
            return
        message = (
            f"{owner}: QEMU {self._guest.release} has no `{name}`, which was {option_text(value)} in "
            f"QEMU {self._hints.version}"
        )
        help = "compile for a QEMU that has it"
        self._found.append(error("hint-without-property", message, span, "", help))

    def _was_default(self, type: str, name: str, value: Scalar) -> bool:
        """Whether a value is what the property is when nothing is said, in some release that has it."""
        catalog = self._guest.catalog
        part, _, key = name.rpartition(".")
        schema = catalog.device(part or type) if type else self._guest.machine_schema
        if schema is None:
            return value in ("", 0, False)
        for release in schema.property_releases(key):
            default = schema.properties(release)[key].default
            if default is None:
                return value in ("", 0, False)
            if default == value or {"on": True, "off": False}.get(str(default)) is value:
                return True
        return False

    def _global(self, name: str, value: Scalar, owner: str, span: Span) -> None:
        driver, _, key = name.rpartition(".")
        earlier = self._globals.setdefault((driver, key), (value, owner, span))
        if earlier[0] != value:
            message = f"`{owner}` and `{earlier[1]}` need two values of `{name}`, which QEMU has once"
            help = "only one of them can be as it was; leave the other one out of the hints' guest"
            self._found.append(error("hint-conflict", message, span, "", help))

    def _description(self, machine: list[Property], cpu: list[Property]) -> Description:
        old = self._guest.description
        devices = {
            id(device.statement): (
                self._added.get(number, []),
                self._placed.get(number),
                self._versioned.get(number),
            )
            for number, device in enumerate(self._guest.devices)
        }
        statements = []
        for statement in old.statements:
            added, place, version = devices.get(id(statement), ([], None, None))
            if statement.keyword == "machine":
                added = machine
            elif statement.keyword == "cpu":
                added = cpu
            elif statement.keyword == "smbios" and statement.head is not None:
                added = self._table_name(statement.head.text, statement.head.span)
            if place is not None:
                statement = statement._replace(address=place)
            if version is not None:
                statement = statement._replace(version=version)
            statements.append(_with(statement, added) if added else statement)
        statements += self._named_tables()
        for (driver, key), (value, _, span) in self._globals.items():
            block = Block((_property(key, value, span),), span)
            head = Word(driver, span)
            statements.append(Statement("global", head, None, None, None, None, block, (), None, span))
        return Description(old.source, tuple(statements), old.host, old.files)

    def _table_name(self, table: str, span: Span) -> list[Property]:
        """The machine type's name as an SMBIOS table had it, where nothing else is written."""
        if self._wanted is None or table not in named_tables(self._guest):
            return []
        return [_property("version", self._hints.machine, span)]

    def _named_tables(self) -> Iterator[Statement]:
        """The tables of which the description says nothing."""
        said = {s.head.text for s in self._guest.description.all("smbios") if s.head is not None}
        machine = self._guest.description.one("machine")
        assert machine is not None
        span = _head(machine)
        for table in NAMED_TABLES:
            added = self._table_name(table, span) if table not in said else []
            if added:
                head, block = Number(table, int(table), "", span), Block(tuple(added), span)
                yield Statement("smbios", head, None, None, None, None, block, (), None, span)


def _is_unwritten(standing: Standing, type: str, name: str, value: Scalar) -> bool:
    """Whether a value is the one that a device of a machine has when nobody says anything."""
    try:
        return is_shown(unwritten(standing, type, name), value)
    except KeyError:
        return False


def _matched(guest: Guest, hints: Hints) -> tuple[dict[int, DeviceHint], list[DeviceHint]]:
    """The hint of each device, by the device's number; and those of devices that somebody asked for, which
    no device has."""
    rest = list(hints.devices)
    own = own_types_of_any(guest)
    found: dict[int, DeviceHint] = {}

    def take(fits: str) -> None:
        for number, device in enumerate(guest.devices):
            if number not in found and device.type is not None:
                hint = next((hint for hint in rest if _fits(fits, device, hint, rest)), None)
                if hint is not None:
                    found[number] = hint
                    rest.remove(hint)

    for fits in ("id", "place", "alone"):
        take(fits)
    return found, [hint for hint in rest if hint.given or hint.type not in own]


def _fits(how: str, device: Device, hint: DeviceHint, rest: list[DeviceHint]) -> bool:
    assert device.type is not None
    if how == "id":
        return bool(device.id) and device.id == hint.id
    if hint.type != device.type.name or hint.id:
        return False
    if how == "alone":
        return sum(other.type == hint.type for other in rest) == 1
    if device.address is None or device.address.bus.name != hint.bus:
        return False
    return ":".join(value for _, value in device.address.properties) == hint.unit


def _inside(type: str, name: str) -> str:
    """A property with the type that a global names: a part's own, else the device's."""
    part, _, key = name.rpartition(".")
    return f"{part or type}.{key}"


def _place(hint: DeviceHint) -> str:
    return f"{hint.bus}/{hint.unit}" if hint.unit else hint.bus


def _heading(device: Device) -> Span:
    return (device.statement.id or device.statement.head or device.statement).span


def _head(statement: Statement) -> Span:
    return (statement.head or statement).span


def _property(name: str, value: Scalar, span: Span) -> Property:
    """A property as a text would say it, in the place of what it is added to."""
    node: Word | Number | String
    if isinstance(value, bool):
        node = Word("on" if value else "off", span)
    elif isinstance(value, int):
        node = Number(str(value), value, "", span)
    else:
        node = String(value, span)
    return Property(name, node, span[0])


def _with(statement: Statement, added: list[Property]) -> Statement:
    """The statement with more properties."""
    span = statement.block.span if statement.block is not None else statement.span
    return statement._replace(block=Block((*statement.properties, *added), span))
