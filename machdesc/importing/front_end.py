"""The devices of a running guest as statements: their ids, their places, and what they name."""

from __future__ import annotations

from collections.abc import Iterator

from machdesc.abi.onboard import own_types_of_any
from machdesc.hints.hint import DeviceHint
from machdesc.hints.match import MADE_FOR_OTHERS
from machdesc.hints.place import place_text
from machdesc.importing.argument import CommandLine, Tree
from machdesc.importing.back_end import BackEnds
from machdesc.importing.build import Build
from machdesc.importing.secret import DESCRIPTORS
from machdesc.importing.text import statement
from machdesc.live.bus_name import NAMING_BUSES, later_names
from machdesc.live.dump import take_hints
from machdesc.live.qom import Told
from machdesc.live.running import INTERNAL_BUS, Running, RunningDevice
from machdesc.pinning.identity import stem
from machdesc.resolve.guest import Guest
from machdesc.syntax.edit import id_text

_UNTOLD = {"fsdev": "fsdev"}
"""Properties that name a back end of which QEMU's own description says nothing."""

_NOTHING = Told("", "")

_UNPLACED = "QMP does not say its USB port, since other devices were unplugged from this bus"
"""Of a device."""


class Devices:
    """The devices to describe: those that somebody asked for, and those of a bare command line.

    `own` are the types of what the machine brings along. `untold` are sentences of what is left out.
    """

    def __init__(
        self, running: Running, command_line: CommandLine, build: Build, own: frozenset[str]
    ) -> None:
        self._running = running
        self._command_line = command_line
        self._catalog, self._release = build
        self._own = own | MADE_FOR_OTHERS
        self.untold: list[str] = []
        self._devices = list(self._described())
        self._ids = self._name_devices()
        self._buses = dict(self._name_buses())

    def statements(self, back_ends: BackEnds) -> Iterator[str]:
        """Each; controllers before what is plugged into them, else as the command line says, or by place.

        The order of devices without an address shows in the ACPI tables.
        """
        said = {argument.id: number for number, argument in enumerate(self._command_line.all("device"))}

        def order(device: RunningDevice) -> tuple[int, int, bool, str, str, str]:
            number = said.get(device.id, len(said)) if device.id else len(said)
            # A companion controller needs the one that it stands beside.
            follows = bool(device.properties.get("masterbus", _NOTHING).value)
            return self._depth(device), number, follows, self._bus(device), device.unit, device.path

        for device in sorted(self._devices, key=order):
            is_placed = device.bus_type not in ("System", "")
            place = ["at", place_text(self._bus(device), device.unit)] if is_placed else []
            words = ["device", device.type, id_text(self._ids[device.path]), *place]
            yield statement(words, dict(self._references(device, back_ends)))

    def hints(self, guest: Guest) -> Iterator[DeviceHint]:
        """What the devices have, by the ids and buses of the skeleton."""
        described = {device.path for device in self._devices}
        own = own_types_of_any(guest)
        hints = take_hints(self._running, self._catalog).devices
        for device, hint in zip(self._running.devices, hints, strict=True):
            if device.path in described:
                id, bus = self._ids[device.path], self._bus(device)
                yield hint._replace(id=id, given=True, bus=bus, values=self._values(hint))
            elif device.type in own:  # else a part that another device makes
                yield hint

    def wishes(self) -> set[tuple[str, str]]:
        """Ids of devices, and the properties that the command line gives them."""
        found = set()
        for argument in self._command_line.all("device"):
            id = argument.id or str(argument.properties.get("id", ""))
            found |= {(id, name) for name in argument.properties}
        return found

    def _described(self) -> Iterator[RunningDevice]:
        """Devices that somebody asked for, and those of a bare command line."""
        has_defaults = self._running.machine_type != "microvm"
        for device in self._running.devices:
            if device.given or (has_defaults and device.type not in self._own and not self._is_made(device)):
                schema = self._catalog.device(device.type)
                if schema is None:
                    self.untold.append(f"{device.path}: the catalog knows no device `{device.type}`")
                elif schema.creatable(self._release):
                    if device.is_unplaced:
                        self.untold.append(f"{device.path}: {_UNPLACED}; it gets the first that is free")
                    yield device

    def _is_made(self, device: RunningDevice) -> bool:
        """Whether another device made it: it lies below one, or on a bus of one, without being asked for; or
        it is the bridge inside a `pxb`.

        No controller makes codecs; that of `-audio model=hda` is QEMU's (hw/audio/intel-hda.c).
        """
        if device.bus_type == "HDA":
            return False
        if device.bus_type == INTERNAL_BUS:
            return True
        given = [other.path for other in self._running.devices if other.given]
        return any(device.path.startswith(f"{path}/") or device.bus.startswith(f"{path}/") for path in given)

    def _name_devices(self) -> dict[str, str]:
        """QOM path -> id."""
        used = {device.id for device in self._devices if device.id} | set(self._running.objects)
        used |= {argument.id for argument in self._command_line}
        ids = {}
        for device in self._devices:
            id, count = device.id, 0
            while not id or (id in used and not device.id):
                id, count = f"{stem(device.type)}{count}", count + 1
            used.add(id)
            ids[device.path] = id
        return ids

    def _name_buses(self) -> Iterator[tuple[str, str]]:
        """QOM path of a bus of a device without an id -> its name now that it has one."""
        for device in self._devices:
            schema = self._catalog.device(device.type)
            if not device.id and schema is not None:
                yield from later_names(device, schema, self._release, self._ids[device.path])

    def _values(self, hint: DeviceHint) -> dict[str, bool | int | str]:
        """What a device has, with the names that buses have now, and without descriptors."""
        names = {bus.rpartition("/")[2]: name for bus, name in self._buses.items()}
        values = {name: value for name, value in hint.values.items() if name not in DESCRIPTORS}
        return values | {n: names.get(str(v), v) for n, v in values.items() if n in NAMING_BUSES}

    def _bus(self, device: RunningDevice) -> str:
        if device.type == "nvme-ns":
            return self._controller(device)
        return self._buses.get(device.bus, device.bus_name)

    def _controller(self, namespace: RunningDevice) -> str:
        """The bus of a controller: in a subsystem, namespaces are handed on to that (hw/nvme/ns.c)."""
        for device in self._devices:
            told = device.properties.get("subsys")
            if told is not None and told.value and namespace.bus.startswith(f"{told.value}/"):
                return self._ids[device.path]
        return self._buses.get(namespace.bus, namespace.bus_name)

    def _depth(self, device: RunningDevice) -> int:
        above = next((d for d in self._devices if device.bus.startswith(f"{d.path}/")), None)
        return 0 if above is None else 1 + self._depth(above)

    def _references(self, device: RunningDevice, back_ends: BackEnds) -> Iterator[tuple[str, Tree]]:
        """Properties that name something else."""
        schema = self._catalog.device(device.type)
        known = schema.properties(self._release) if schema is not None else {}
        yield from self._handed_on(device)
        for name, told in device.properties.items():
            refers = (known[name].refers or _UNTOLD.get(name, "")) if name in known else ""
            if not refers or not isinstance(told.value, str):
                continue
            value = told.value
            if not value and refers not in ("block", "drive"):
                continue
            if value.startswith("/"):
                head, _, last = value.rpartition("/")
                if head in ("/objects", "/machine/peripheral"):
                    yield name, last
                continue
            named = back_ends.name(refers, value, device.path)
            if named:
                yield name, named

    def _handed_on(self, device: RunningDevice) -> Iterator[tuple[str, Tree]]:
        """What `usb-storage` was given, and only the disk shows that it made."""
        for other in self._running.devices:
            if device.type == "usb-storage" and other.path.startswith(f"{device.path}/"):
                serial = other.properties.get("serial", _NOTHING).value
                if isinstance(serial, str) and serial:
                    yield "serial", serial
