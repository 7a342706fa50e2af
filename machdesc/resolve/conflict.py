"""What does not go together: two properties of one device, or a device and the machine, CPUs or memory.

Each was tried on QEMU 5.2, 7.2, 10.0 and 11.1, as far as they have the property.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.resolve.guest import Guest
from machdesc.resolve.plugged import Plugged, argument_words, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

_PAIRS = (
    # hw/i386/intel_iommu.c: eim=on cannot be selected without intremap=on
    ("intel-iommu", ("eim", "on"), ("intremap", "off")),
    # hw/virtio/virtio-pci.c: device cannot work as neither modern nor legacy mode is enabled
    ("virtio-pci", ("disable-legacy", "on"), ("disable-modern", "on")),
    # hw/virtio/virtio-pci.c: VIRTIO_F_IOMMU_PLATFORM was supported by neither legacy nor transitional device
    ("virtio-pci", ("iommu_platform", "on"), ("disable-modern", "on")),
)
"""Kind of device, and two properties with the values that exclude each other."""

_NOT_OF_I440FX = frozenset(("intel-iommu", "amd-iommu"))
"""Devices that an i440fx takes none of (hw/core/sysbus.c: expects a dynamic sysbus device type)."""

_ON_NODES = {
    "numa_node": frozenset(("pxb", "pxb-pcie", "pxb-cxl")),
    "node": frozenset(("pc-dimm", "virtio-mem")),
}
"""Property that names a NUMA node -> the kinds of devices that have it (hw/pci-bridge/pci_expander_bridge.c,
hw/mem/pc-dimm.c, hw/virtio/virtio-mem.c)."""

_NO_NODE = 128
"""The number that stands for no NUMA node (include/sysemu/numa.h, NUMA_NODE_UNASSIGNED)."""


def check_conflicts(guest: Guest, plugged: list[Plugged], elsewhere: Container[str]) -> list[Diagnostic]:
    """An error for each; codes conflict and no-such-node."""
    diagnostics: list[Diagnostic] = []
    family = guest.machine.family if guest.machine is not None else ""
    for device in plugged:
        for kind, one, other in _PAIRS:
            if other[0] in device.said and device.says(*one) and device.says(*other) and kind in device.kinds:
                message = f"`{' '.join(one)}` does not go with `{' '.join(other)}`"
                diagnostics.append(error("conflict", message, device.said[one[0]].span))
        if family == "pc-i440fx" and device.kinds & _NOT_OF_I440FX:
            diagnostics.append(error("conflict", f"an i440fx has no `{device.type.name}`", device.span()))
        if device.type.name == "nvdimm" and not _machine_says(guest, "nvdimm"):
            # hw/i386/pc.c, pc_memory_pre_plug
            message = "the machine takes no `nvdimm`"
            diagnostics.append(
                error("conflict", message, device.span(), "", "write `nvdimm on` in `machine`")
            )
        if "logical_block_size" in device.said:
            _check_sizes(device, diagnostics)
        for name, kinds in _ON_NODES.items():
            if name in device.said and device.kinds & kinds:
                _check_node(guest, device, name, diagnostics)
    return diagnostics + _check_flash(guest)


def _check_flash(guest: Guest) -> list[Diagnostic]:
    """A second flash without a first (hw/i386/pc_sysfw.c: pflash1 requires pflash0)."""
    statement = guest.description.one("machine")
    said = {item.name: item for item in statement.properties} if statement is not None else {}
    if "pflash1" not in said or "pflash0" in said:
        return []
    drives = [item for drive in guest.description.host_all("drive") for item in drive.properties]
    if any(item.name == "if" and getattr(item.value, "text", "") == "pflash" for item in drives):
        return []
    if any("pflash" in word for word in argument_words(guest)):
        return []
    return [error("conflict", "`pflash1` needs a `pflash0`", said["pflash1"].name_span)]


def _machine_says(guest: Guest, name: str) -> bool:
    """Whether a switch of the machine is on, or may be in a machine type of the user's own."""
    statement = guest.description.one("machine")
    properties = statement.properties if statement is not None else ()
    if guest.chain:
        return True
    return any(item.name == name and getattr(item.value, "text", "") == "on" for item in properties)


def _check_sizes(device: Plugged, diagnostics: list[Diagnostic]) -> None:
    """A logical block that is larger than a physical one (hw/block/block.c, blkconf_blocksizes)."""
    logical, physical = device.number("logical_block_size"), device.number("physical_block_size")
    if physical and logical > physical:
        message = "a logical block is no larger than a physical one"
        span = device.span("logical_block_size")
        diagnostics.append(error("conflict", message, span, f"512 to {physical}"))


def _check_node(guest: Guest, device: Plugged, name: str, diagnostics: list[Diagnostic]) -> None:
    """A device on a NUMA node that the guest does not have."""
    item = device.said.get(name)
    node = number(item) if item is not None else None
    if item is None or node is None or (name == "numa_node" and node == _NO_NODE):
        return
    nodes = sum(s.head is not None and s.head.text == "node" for s in guest.description.all("numa"))
    memory = guest.description.one("memory")
    if not nodes and memory is not None and any(i.name in ("slots", "max") for i in memory.properties):
        # QEMU makes one for memory that is plugged (hw/core/numa.c, numa_complete_configuration).
        nodes = 1
    if node >= nodes:
        allowed = f"0 to {nodes - 1}" if nodes else ""
        diagnostics.append(error("no-such-node", f"there is no NUMA node {node}", item.value.span, allowed))
