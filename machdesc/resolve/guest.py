"""What resolution yields: a guest whose types, buses and addresses are known to the catalog.

Part that could not be resolved (an unknown type, an unknown bus) are None or empty; a
diagnostic tells of each, and later phases pass over them.
"""

from __future__ import annotations

from machdesc.memo import kept
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.catalog.catalog import Catalog, CpuModel, DeviceType, MachineType
    from machdesc.model.guest import Description
    from machdesc.model.variant import Variant
    from machdesc.resolve.address import Kind
    from machdesc.syntax.tree import Span, Statement


class Bus(Record):
    """A bus that devices plug into: its name, its QOM type, the id of the device that offers it
    (empty for the machine's own), and how addresses on it are written (None: there are none)."""

    name: str
    type: str
    owner: str
    kind: Kind | None


class Address(Record):
    """A place on a bus: the bus, the unit as it is written (empty: QEMU chooses), and the
    properties by which QEMU is told, such as `{"addr": "02.0"}`."""

    bus: Bus
    unit: str
    properties: tuple[tuple[str, str], ...]
    span: Span


class Device(Record):
    """A front end: its statement, its type with aliases resolved, and where it is plugged."""

    statement: Statement
    id: str
    type: DeviceType | None
    address: Address | None
    version: str


class Guest(Record):
    """A description under one release.

    `machine_name` is the full name of QEMU's machine type, `cpu_name` that of the model; both
    empty when unknown. `buses` are all buses by name. `chain` are the variants of the user's own
    that lead from QEMU's machine type to the one that the guest has, none for one of QEMU's;
    `variants` are those of all ABI versions that are none of QEMU's, by the full name.
    """

    description: Description
    catalog: Catalog
    release: str
    machine_name: str
    machine: MachineType | None
    machine_schema: DeviceType | None
    cpu_name: str
    cpu: CpuModel | None
    devices: tuple[Device, ...]
    buses: Mapping[str, Bus]
    chain: tuple[Variant, ...] = ()
    variants: Mapping[str, tuple[Variant, ...]] = {}

    @property
    def abi_name(self) -> str:
        """The full name of the machine type whose ABI the guest has, which may be the user's own."""
        return self.chain[-1].name.text if self.chain else self.machine_name

    def device(self, id: str) -> Device | None:
        """The device of an id."""
        return _by_id(self.devices).get(id)


@kept
def _by_id(devices: tuple[Device, ...]) -> dict[str, Device]:
    """The devices by their ids, the first of each."""
    found: dict[str, Device] = {}
    for device in devices:
        found.setdefault(device.id, device)
    return found
