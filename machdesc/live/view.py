"""All that a guest sees of its hardware, as one flat mapping, and how two of them differ.

A key is a path of words from the whole to the part; its first word is the group: `pci`, `virtio`,
`iommu`, `fw_cfg`, `acpi`, `smbios`, `cpuid`, `map`, `cmos`, and `told` for what no register shows.
"""

from __future__ import annotations

from typing import NamedTuple

from machdesc.live.blind import is_volatile
from machdesc.live.cmos import read_cmos
from machdesc.live.config_space import open_config_space
from machdesc.live.cpuid import read_cpuid
from machdesc.live.firmware import read_firmware
from machdesc.live.iommu import read_iommus
from machdesc.live.memory_map import read_memory_map
from machdesc.live.pci import walk_functions
from machdesc.live.pci_content import read_contents
from machdesc.live.pci_view import pci_view
from machdesc.live.process import Process
from machdesc.live.processor import read_processors
from machdesc.live.told import GROUP as TOLD
from machdesc.live.told import read_told
from machdesc.live.virtio_mmio import read_virtio_mmio
from machdesc.live.virtio_pci import is_virtio, read_virtio_pci

View = dict[tuple[str, ...], object]


class Difference(NamedTuple):
    """A key whose values differ; None where it is absent."""

    key: tuple[str, ...]
    old: object | None
    new: object | None

    def __str__(self) -> str:
        old = "absent" if self.old is None else self.old
        new = "absent" if self.new is None else self.new
        return f"{' / '.join(self.key)}: {old} -> {new}"


def read_view(process: Process) -> View:
    """Reads a paused guest that has not run yet; it is changed by that, and not to be run afterwards."""
    view: View = {}
    # The map comes first: opening config space changes it.
    view.update(read_memory_map(process))
    view.update(read_told(process))
    view.update(read_processors(process))
    view.update(read_cmos(process))
    view.update(read_firmware(process))
    view.update(read_virtio_mmio(process, dict(view)))
    view.update(read_iommus(process, dict(view)))
    config = open_config_space(process)
    if config is not None:
        # Each function is read before the walk goes on, which takes its bus away.
        for function in walk_functions(process, config):
            view.update(pci_view(function))
            if is_virtio(function):
                view.update(read_virtio_pci(process.qtest, config, function))
            else:
                view.update(read_contents(process.qtest, config, function))
    # The last, since the processor runs for it.
    view.update(read_cpuid(process))
    return view


def differences(old: View, new: View, *, told: bool = False, other_build: bool = False) -> list[Difference]:
    """The keys that differ, sorted; what changes by itself is passed over (`machdesc.live.blind`).

    With `told`, also those that only QMP tells, which no register or table of the guest shows.
    With `other_build`, the files that come with a QEMU are passed over.
    """
    return [
        Difference(key, old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
        and (told or key[0] != TOLD)
        and not (key in old and key in new and is_volatile(key, other_build))
    ]
