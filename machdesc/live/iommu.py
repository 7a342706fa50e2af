"""What an IOMMU says that it can, in registers whose address no firmware chooses.

Sources: `vtd_init` in hw/i386/intel_iommu.c with the registers of intel_iommu_internal.h, and
`amdvi_init` in hw/i386/amd_iommu.c with those of amd_iommu.h.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from machdesc.live.process import Process
from machdesc.live.qtest import read_memory

_REGISTERS = {
    "intel_iommu": (("version", 0x00, 4), ("capabilities", 0x08, 8), ("extended capabilities", 0x10, 8)),
    "amdvi-mmio": (("extended features", 0x30, 8),),
}
"""Name of the region in the memory map -> what is read: a name, the offset, the width in bytes."""

Reading = tuple[tuple[str, ...], object]


def read_iommus(process: Process, memory_map: Mapping[tuple[str, ...], object]) -> Iterator[Reading]:
    """Keys begin with `iommu` and the address; `memory_map` tells where one is."""
    for key, what in memory_map.items():
        registers = _REGISTERS.get(str(what).rpartition(": ")[2], ())
        if key[:2] == ("map", "memory") and registers:
            address = int(key[2], 16)
            values = process.qtest.numbers(read_memory(width, address + at) for _, at, width in registers)
            for (name, _, width), value in zip(registers, values, strict=True):
                yield ("iommu", key[2], name), f"{value:#0{2 + 2 * width}x}"
