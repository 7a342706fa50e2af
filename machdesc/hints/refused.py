"""What QEMU tells of a device and refuses to be told when one is made: a hint of it is no wish."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog
    from machdesc.hints.basis import Scalar

_REFUSED = {
    ("pci-device", "busnr"): "has no setter, and follows from the bus (hw/pci/pci.c of 10.0)",
    ("usb-device", "attached"): "on once it is plugged in; most have no setter, usb-bot dies (hw/usb/bus.c)",
    ("pc-dimm", "size"): "has no setter, and is that of its memory (hw/mem/pc-dimm.c)",
    (
        "virtio-mem",
        "size",
    ): "has no setter, and is the guest's choice (hw/virtio/virtio-mem.c)",
    ("virtio-mem-pci", "size"): "is that of its virtio-mem",
}
"""Type and property -> why; it holds for the types that descend from it too. Found by giving every type that
can be plugged what it was told to have, on 7.2, 10.0 and 11.1."""

_UNSET = {
    ("nvdimm", "label-size"): 0,  # at least 128 KiB where there is a label (nvdimm_set_label_size)
}
"""Type and property -> the value that tells that nobody gave one, and that QEMU refuses to be given."""


def is_refused(catalog: Catalog, release: str, type: str, name: str, value: Scalar) -> bool:
    """Whether a release refuses a value of a type's property that it has told; `name` may be
    `part-type.property`."""
    part, _, key = name.rpartition(".")
    keys = [(each, key) for each in (part or type, *catalog.ancestors(part or type, release))]
    return any(each in _REFUSED or (each in _UNSET and _UNSET[each] == value) for each in keys)
