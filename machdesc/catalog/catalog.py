"""The catalog: machine types, device types, properties and CPU models of all known releases.

It is made from tables (`machdesc.catalog.store` has their form) and decodes of them only what
is asked for. Names that nobody knows give None; nothing here raises for what a user wrote.
"""

from __future__ import annotations

import os

from machdesc.catalog.version import is_numbered, version_key
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


class Property(Record):
    """A property of a type in some releases.

    `kind` is bool, int, size (bytes), number, str, enum or any; `low` and `high` bound an int;
    `enum` are an enum's words; `qemu` is QEMU's own word for the type; `default` is None when
    QEMU does not tell it; `refers` says what a text names: `netdev`, `block`, a QOM type, ….
    """

    name: str
    kind: str
    low: int | None
    high: int | None
    enum: tuple[str, ...]
    qemu: str
    default: object
    refers: str


class MachineFacts(Record):
    """What one release tells of a machine type.

    `buses` are its own buses (name -> type), `builtin` its own PCI functions (address ->
    device type), `defaults` the values of its properties when nothing is said.
    """

    alias: str
    deprecated: bool
    default: bool
    cpu_max: int
    default_cpu: str
    default_ram_id: str
    hotpluggable_cpus: bool
    buses: Mapping[str, str]
    builtin: Mapping[str, str]
    defaults: Mapping[str, object]


class CpuModel(Record):
    """A CPU model in one release; `alias_of` is the versioned model that an unversioned name
    means under the newest machine type."""

    name: str
    alias_of: str
    deprecated: bool
    versions: tuple[int, ...]


_FIRST = 0x100
"""The character that stands for number 0 in the texts of a table (`FIRST_CHARACTER` in the store)."""


class DeviceType:
    """A type with properties: of devices, objects, CPUs, or a family of machines."""

    __slots__ = ("_bus", "_catalog", "_found", "_properties", "_row", "name", "releases")

    def __init__(self, catalog: Catalog, row: tuple[Any, ...]) -> None:
        self._catalog = catalog
        self._row = row
        self._properties: dict[str, dict[str, Property]] = {}
        self._found: dict[tuple[int, str], Any] = {}
        self._bus: dict[str, str] = {}
        self.name: str = row[0]
        self.releases: tuple[str, ...] = catalog.of_mask(row[1])

    def properties(self, release: str) -> Mapping[str, Property]:
        """Its properties in a release, by name; none when the release lacks the type."""
        known = self._properties.get(release)
        if known is None:
            known = self._properties[release] = self._catalog.read_properties(self._row[7], release)
        return known

    def property_releases(self, name: str) -> tuple[str, ...]:
        """The releases in which it has a property."""
        return tuple(release for release in self.releases if name in self.properties(release))

    def bus(self, release: str) -> str:
        """The type of bus that it is plugged into; empty when it needs none."""
        found = self._bus.get(release)
        if found is None:
            found = self._bus[release] = str(self._at(2, release, ""))
        return found

    def offers(self, release: str) -> Mapping[str, str]:
        """The buses that it offers: what follows its id -> bus type.

        A key that begins with `=` is a whole name, independent of the id.
        """
        found: Mapping[str, str] = self._at(3, release, ())
        return found

    def parts(self, release: str) -> Mapping[str, str]:
        """The QOM children that it creates: name -> type."""
        found: Mapping[str, str] = self._at(4, release, ())
        return found

    def creatable(self, release: str) -> bool:
        """Whether a user may create one."""
        return bool(self._at(5, release, True))

    def hotpluggable(self, release: str) -> bool | None:
        """Whether it can be plugged into a running guest; None when not told."""
        found: bool | None = self._at(6, release, None)
        return found

    def parents(self, release: str) -> tuple[str, ...]:
        """Its QOM ancestors, nearest first."""
        return self._catalog.ancestors(self.name, release)

    def _at(self, column: int, release: str, default: Any) -> Any:
        """What a column of spans says of a release; pairs as a mapping."""
        found = self._found.get((column, release))
        if found is None:
            bit = self._catalog.bit(release)
            found = next((value for mask, value in self._row[column] if mask & bit), default)
            if isinstance(found, tuple):
                found = dict(found)
            self._found[column, release] = found
        return found


class MachineType:
    """A machine type, such as `pc-q35-9.2`."""

    __slots__ = ("_catalog", "_facts", "_spans", "family", "name", "releases")

    def __init__(self, catalog: Catalog, name: str, family: str, spans: tuple[tuple[int, int], ...]) -> None:
        self._catalog = catalog
        self._spans = spans
        self._facts: dict[str, MachineFacts] = {}
        self.name = name
        self.family = family
        mask = 0
        for bits, _ in spans:
            mask |= bits
        self.releases: tuple[str, ...] = catalog.of_mask(mask)

    def facts(self, release: str) -> MachineFacts:
        """What a release that has it tells of it.

        :raises KeyError: when the release does not have it.
        """
        if release not in self._facts:
            bit = self._catalog.bit(release)
            rows = [self._catalog.fact_rows[number] for mask, number in self._spans if mask & bit]
            if not rows:
                raise KeyError(release)
            alias, deprecated, default, cpu_max, cpu, ram_id, hotpluggable, *named = rows[0]
            buses, builtin, defaults = map(dict, named)
            self._facts[release] = MachineFacts(
                alias, deprecated, default, cpu_max, cpu, ram_id, hotpluggable, buses, builtin, defaults
            )
        return self._facts[release]


class Catalog:
    """All that is known of QEMU for one architecture; `folder` is the one that it was read from, empty
    for the shipped one."""

    def __init__(self, tables: Mapping[str, Any], folder: str = "") -> None:
        self.arch: str = tables["ARCH"]
        self.folder = folder
        self.releases: tuple[str, ...] = tables["RELEASES"]
        self.builds: Mapping[str, str] = dict(zip(self.releases, tables["BUILDS"], strict=True))
        self._properties: dict[str, Property] = {}
        self._property_names: list[str] = []
        self._masked: dict[str, frozenset[str]] = {}
        self.fact_rows: tuple[tuple[Any, ...], ...] = tables["FACTS"]
        self._tables = tables
        self._bits = {release: 1 << number for number, release in enumerate(self.releases)}
        self._rows: dict[str, dict[str, tuple[Any, ...]]] = {}
        self._types: dict[tuple[str, str], DeviceType | None] = {}
        self._machines: dict[str, MachineType] | None = None
        self._parents: dict[str, dict[str, str]] = {}
        self._ancestors: dict[tuple[str, str], tuple[str, ...]] = {}
        self._tails: dict[str, dict[str, tuple[tuple[str, str, str], ...]]] = {}
        self._aliases: dict[str, tuple[tuple[str, int], ...]] | None = None
        self._cpus: dict[str, tuple[tuple[int, tuple[Any, ...]], ...]] | None = None
        self._names: dict[str, tuple[str, ...]] = {}
        self._express: dict[str, tuple[str, ...]] = {}

    def bit(self, release: str) -> int:
        """The bit of a release in masks; 0 when the catalog lacks it."""
        return self._bits.get(release, 0)

    def of_mask(self, mask: int) -> tuple[str, ...]:
        """The releases of a mask, oldest first."""
        return tuple(release for release, bit in self._bits.items() if mask & bit)

    def read_properties(self, text: str, release: str) -> dict[str, Property]:
        """The properties that the text of a row lists for a release; see `machdesc.catalog.store`."""
        names, shapes = self._tables["PROPERTIES"]
        if not self._property_names:
            self._property_names = names.split("\n")
        masked = self._masked.get(release)
        if masked is None:
            bit, masks = self.bit(release), self._tables["MASKS"]
            chosen = (chr(_FIRST + number) for number, mask in enumerate(masks) if mask & bit)
            masked = self._masked[release] = frozenset(chosen)
        known, made = {}, self._properties
        for mask, character in zip(text[::2], text[1::2], strict=True):
            if mask in masked:
                entry = made.get(character)
                if entry is None:
                    number = ord(character) - _FIRST
                    shape = self._tables["SHAPES"][ord(shapes[number]) - _FIRST]
                    entry = tuple.__new__(Property, (self._property_names[number], *shape))
                    made[character] = entry
                known[entry.name] = entry
        return known

    def device(self, name: str) -> DeviceType | None:
        """A device type by its own name."""
        return self._type("device", name)

    def object(self, name: str) -> DeviceType | None:
        """A type of user-creatable objects, such as `memory-backend-ram`."""
        return self._type("object", name)

    def machine_schema(self, family: str) -> DeviceType | None:
        """The properties of a family of machine types."""
        return self._type("machine", family)

    def cpu_schema(self) -> DeviceType | None:
        """The properties of CPUs."""
        names = list(self.names("cpu-schema"))
        return self._type("cpu", names[0]) if names else None

    def machine(self, name: str) -> MachineType | None:
        """A machine type by its full name."""
        return self._all_machines().get(name)

    def machines(self) -> Iterable[MachineType]:
        """All machine types that some release has."""
        return self._all_machines().values()

    def families(self) -> list[str]:
        """The families of machine types, such as `pc-q35`."""
        return sorted({machine.family for machine in self.machines()})

    def machine_alias(self, name: str, release: str) -> str | None:
        """The machine type that an alias means in a release: `q35` -> `pc-q35-11.1`."""
        bit = self.bit(release) if name else 0
        for machine, _, spans in self._tables["MACHINES"]:
            for mask, number in spans:
                if mask & bit and self.fact_rows[number][0] == name:
                    return str(machine)
        return None

    def device_alias(self, name: str, release: str) -> str | None:
        """The device type that an alias means in a release: `ahci` -> `ich9-ahci`."""
        if self._aliases is None:
            self._aliases = {}
            for alias, target, mask in self._tables["DEVICE_ALIASES"]:
                self._aliases[alias] = (*self._aliases.get(alias, ()), (target, mask))
        if name not in self._aliases:
            return None
        bit = self.bit(release)
        return next((target for target, mask in self._aliases[name] if mask & bit), None)

    def is_express(self, type: str, release: str) -> bool:
        """Whether devices of a type are for PCI Express; yes of all where a release does not tell."""
        found = self._express.get(release)
        if found is None:
            bit = self.bit(release)
            texts = [text for text, mask in self._tables["EXPRESS"] if mask & bit]
            found = self._express[release] = tuple(" ".join(texts).split())
        return not found or type in found

    def cpu_model(self, name: str, release: str) -> CpuModel | None:
        """A CPU model of a release, by its name with or without a version."""
        bit = self.bit(release)
        for mask, facts in self._all_cpus().get(name, ()):
            if mask & bit:
                return CpuModel(name, *facts)
        return None

    def compat(self, machine: str, release: str) -> tuple[tuple[str, str, str], ...] | None:
        """The compat properties (driver, property, value) of a machine type, in QEMU's order.

        None when the release does not tell them (QEMU does from 9.1 on).
        """
        tails = self.tails(release)
        if machine not in tails:
            return None
        if not is_numbered(machine):
            base = self.follows(machine, release)
            return (*(self.compat(base, release) or () if base else ()), *tails[machine])
        known = self._all_machines()
        names = (n for n in tails if known[n].family == known[machine].family and is_numbered(n))
        family = sorted(names, key=lambda name: version_key(name.rpartition("-")[2]), reverse=True)
        return tuple(entry for name in family[: family.index(machine) + 1] for entry in tails[name])

    def tails(self, release: str) -> Mapping[str, tuple[tuple[str, str, str], ...]]:
        """By machine type, the compat properties by which its list extends that of the next newer
        one of its family; none for a release that does not tell them."""
        found = self._tails.get(release)
        if found is None:
            found = {name: tail for teller, name, tail in self._tables["COMPAT"] if teller == release}
            self._tails[release] = found
        return found

    def follows(self, machine: str, release: str) -> str:
        """The machine type that one follows whose version is a distribution's word, such as `pc-q35-noble`;
        empty when the release tells of none."""
        for teller, name, base in self._tables["FOLLOWS"]:
            if (teller, name) == (release, machine):
                return str(base)
        return ""

    def ancestors(self, name: str, release: str) -> tuple[str, ...]:
        """The QOM types above a type in a release, nearest first."""
        found = self._ancestors.get((name, release))
        if found is None:
            parents = self._tree(release)
            chain: list[str] = []
            current = parents.get(name)
            while current and current not in chain:
                chain.append(current)
                current = parents.get(current)
            found = self._ancestors[name, release] = tuple(chain)
        return found

    def type_names(self, release: str) -> Iterable[str]:
        """All QOM types of a release."""
        return self._tree(release)

    def heirs(self, name: str, release: str) -> list[str]:
        """The QOM types of a release that descend from a type."""
        return [heir for heir in self._tree(release) if name in self.ancestors(heir, release)]

    def names(self, kind: str) -> tuple[str, ...]:
        """All known names of a kind (device, object, machine, cpu): the same tuple each time.

        `cpu-schema` names the types whose properties CPUs have.
        """
        if kind not in self._names:
            if kind == "machine":
                self._names[kind] = tuple(self._all_machines())
            elif kind == "cpu":
                self._names[kind] = tuple(self._all_cpus())
            else:
                rows = self._tables["TYPES"]["cpu" if kind == "cpu-schema" else kind]
                self._names[kind] = tuple([row[0] for row in rows])
        return self._names[kind]

    def _type(self, kind: str, name: str) -> DeviceType | None:
        if (kind, name) not in self._types:
            if kind not in self._rows:
                self._rows[kind] = {row[0]: row for row in self._tables["TYPES"][kind]}
            row = self._rows[kind].get(name)
            self._types[kind, name] = DeviceType(self, row) if row is not None else None
        return self._types[kind, name]

    def _all_machines(self) -> dict[str, MachineType]:
        if self._machines is None:
            self._machines = {row[0]: MachineType(self, *row) for row in self._tables["MACHINES"]}
        return self._machines

    def _all_cpus(self) -> dict[str, tuple[tuple[int, tuple[Any, ...]], ...]]:
        if self._cpus is None:
            self._cpus = dict(self._tables["CPUS"])
        return self._cpus

    def _tree(self, release: str) -> dict[str, str]:
        if release not in self._parents:
            bit = self.bit(release)
            self._parents[release] = {
                name: parent for name, parent, mask in self._tables["TREE"] if mask & bit
            }
        return self._parents[release]


def _load_folder(folder: str) -> Catalog:
    """The catalog of a folder, the same one until a file there changes: what others keep about a catalog
    they keep for good."""
    from pathlib import Path

    from machdesc.catalog.store import read_tables

    paths = [os.path.join(above, name) for above, _, names in os.walk(folder) for name in names]
    state = {path: os.stat(path).st_mtime_ns for path in paths}
    known = _in_folders.get(folder)
    if known is None or known[0] != state:
        known = _in_folders[folder] = state, Catalog(read_tables(Path(folder)), folder)
    return known[1]


_in_folders: dict[str, tuple[dict[str, int], Catalog]] = {}

_loaded: dict[str, Catalog] = {}


def is_shipped(catalog: Catalog) -> bool:
    """Whether a catalog is the one that is shipped."""
    return _loaded.get(catalog.arch) is catalog


def load_catalog(arch: str = "x86_64", directory: str | None = None) -> Catalog:
    """The shipped catalog of an architecture, or one harvested into a directory.

    :raises ValueError: when no catalog of the architecture is shipped.
    :raises OSError: when the directory cannot be read.
    """
    if directory is not None:
        return _load_folder(os.path.join(os.path.abspath(directory), arch))
    if arch not in _loaded:
        try:
            module = __import__(f"machdesc.catalog.table_{arch}", fromlist=["ARCH"])
        except ModuleNotFoundError:
            raise ValueError(f"no catalog of architecture {arch!r} is shipped") from None
        _loaded[arch] = Catalog(vars(module))
    return _loaded[arch]
