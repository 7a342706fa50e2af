"""The devices that a machine brings along are those that QEMU shows in a machine without others."""

from __future__ import annotations

import re

import pytest

import machdesc
from machdesc.abi.onboard import own_types
from tests.live.binary import Binary
from tests.live.sight import seen

NO_DEVICE = re.compile(
    r".*-machine|container|irq|(qemu:)?memory-region|System|ISA|IDE|PCIE?|floppy-bus|i2c-bus|qtest"
)
"""What stands in the tree besides devices: the machine, containers, lines, memory, buses, the test."""


@pytest.mark.live
@pytest.mark.parametrize("machine", ["q35", "pc"])
def test_a_machines_own_devices(machine: str, binary: Binary) -> None:
    text = (
        f"machdesc 1\nguest bare\nmachine {machine} @ {binary.release}\nmemory 128MiB\nhost {{ accel tcg }}\n"
    )
    description, _ = machdesc.load_source(machdesc.source_of(text))
    assert description is not None
    guest, diagnostics = machdesc.resolve_description(description, binary.release)
    assert not machdesc.has_errors(diagnostics)
    with seen(text, binary) as process:
        tree = process.monitor.human("info qom-tree")
    shown = {type for type in re.findall(r"\(([^)]+)\)", tree) if not NO_DEVICE.fullmatch(type)}
    cpus = {type for type in shown if type.endswith("-x86_64-cpu")}
    assert shown - cpus == set(own_types(guest))
