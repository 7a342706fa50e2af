"""Makeup: a type of devices or CPUs with the parts that it creates for itself, in one release.

A device creates parts (`virtio-net-pci` a `virtio-net-device`), and shows most of their
properties as its own (qdev_alias_all_properties in hw/core/qdev-properties.c). What is set for
the device comes after what is set for the part, which is made first. A property that only a part
has is named `part-type.property`.

Other parts come into being only when the device is realized. They have their properties for
themselves, and QEMU tells of them nowhere but in a running machine.
"""

from __future__ import annotations

from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.catalog.catalog import Catalog, DeviceType, Property


REALIZED = {
    "usb-storage": ("scsi-hd", "scsi-cd"),  # scsi_bus_legacy_add_drive in hw/scsi/scsi-bus.c
    "ufs-lu": ("scsi-hd",),  # ufs_init_scsi_device in hw/ufs/lu.c
    "amd-iommu": ("AMDVI-PCI",),  # amdvi_sysbus_realize in hw/i386/amd_iommu.c (10.0 and before: init)
    "igb": ("igbvf",),  # pcie_sriov_pf_init in hw/pci/pcie_sriov.c
    "pxb": ("pci-bridge", "pxb-host"),  # these in pxb_dev_realize_common, hw/pci-bridge/pci_expander_bridge.c
    "pxb-pcie": ("pxb-host",),
    "pxb-cxl": ("pxb-cxl-host",),
}
"""Type -> the types of devices that one of it makes when it is realized."""


class Part(Record):
    """A device type as itself or as a part: its name, the names by which compat properties and
    globals reach it (its own and its ancestors'), and its properties."""

    type: str
    drivers: tuple[str, ...]
    properties: Mapping[str, Property]


class Makeup(Record):
    """A device type and its parts, and theirs; and those that it makes when it is realized."""

    own: Part
    parts: tuple[Part, ...]
    realized: tuple[Part, ...]

    def property(self, name: str) -> Property | None:
        """What is known of a property, by its name or `part-type.property`."""
        found = self.own.properties.get(name)
        if found is None and "." in name:
            type, _, key = name.partition(".")
            for part in (*self.parts, *self.realized):
                if part.type == type:
                    return part.properties.get(key)
        return found

    def names(self) -> tuple[str, ...]:
        """The names of all properties, then of those that only a part has from the start."""
        own = self.own.properties
        inner = [f"{part.type}.{name}" for part in self.parts for name in part.properties if name not in own]
        return (*own, *inner)

    def reaching(self, name: str) -> list[tuple[tuple[str, ...], str]]:
        """The drivers through which a property is set and its name there, the strongest first."""
        if name in self.own.properties:
            through = [(part.drivers, name) for part in self.parts if name in part.properties]
            return [(self.own.drivers, name), *through]
        type, _, key = name.partition(".")
        return [(part.drivers, key) for part in (*self.parts, *self.realized) if part.type == type]


def makeup_of(catalog: Catalog, release: str, type: str) -> Makeup:
    """The makeup of a type; without properties when the release does not have it."""
    found = _makeups.get((catalog, release, type))
    if found is None:
        schema = catalog.device(type)
        if schema is None and "cpu" in catalog.ancestors(type, release):
            schema = catalog.cpu_schema()
        names: dict[str, DeviceType | None] = {}
        _add_parts(catalog, release, schema, names)
        own = _part(catalog, release, type, schema)
        parts = tuple(_part(catalog, release, name, part) for name, part in names.items())
        realized = tuple(
            _part(catalog, release, name, catalog.device(name)) for name in REALIZED.get(type, ())
        )
        found = _makeups[catalog, release, type] = Makeup(own, parts, realized)
    return found


def _part(catalog: Catalog, release: str, name: str, type: DeviceType | None) -> Part:
    drivers = (name, *catalog.ancestors(name, release))
    return Part(name, drivers, type.properties(release) if type is not None else {})


def _add_parts(
    catalog: Catalog, release: str, type: DeviceType | None, names: dict[str, DeviceType | None]
) -> None:
    for name in type.parts(release).values() if type is not None else ():
        if name not in names and "device" in catalog.ancestors(name, release):
            names[name] = catalog.device(name)
            _add_parts(catalog, release, names[name], names)


_makeups: dict[tuple[Catalog, str, str], Makeup] = {}
