"""Hints of every type of device: what a QEMU has told of one, the same QEMU takes back, and tells again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import machdesc
from machdesc.hints.hint import DeviceHint
from machdesc.live.child import QemuFailure
from machdesc.live.dump import take_hints
from machdesc.live.running import read_running
from tests.live.binary import Binary
from tests.live.conftest import binary_or_skip
from tests.live.plug import SIZE, Plug, describe, plug_types, pluggable_types
from tests.live.zoo import Refused, started

NOT_STARTED = {
    "cxl-type3": "its `memdev`, which they leave out",
    "pvrdma": "a vmxnet3 beside it",
    "vhost-user-input-pci": "KVM",
}
"""Types that 7.2 does not start as the tests plug them -> what it wants."""

NOT_THE_SAME = {("isa-applesmc", "osk"): "without an end in QEMU's memory (hw/misc/applesmc.c)"}
"""What QEMU tells otherwise at every start."""


@pytest.mark.live
@pytest.mark.parametrize(("release", "machine"), [("7.2", "pc"), ("10.0", "q35"), ("11.1", "q35")])
def test_what_is_told_is_taken_back(release: str, machine: str) -> None:
    binary, catalog = binary_or_skip(release), machdesc.load_catalog()
    types = pluggable_types(catalog, release, machine)
    types = [name for name in types if release != "7.2" or name not in NOT_STARTED]
    wrong: list[str] = []
    for start in range(0, len(types), SIZE):
        wrong += _wrong(binary, machine, plug_types(catalog, release, machine, types[start : start + SIZE]))
    assert wrong == []


def _wrong(binary: Binary, machine: str, plugs: list[Plug]) -> list[str]:
    """What is wrong with some types, plugged at once; each by itself where something is."""
    try:
        wrong = list(_different(binary, describe(plugs, machine, binary.release, "")))
    except (Refused, QemuFailure) as failure:
        wrong = [str(failure)]
    if not wrong or len(plugs) == 1:
        return [f"{plugs[0].type}: {text}" for text in wrong]
    half = len(plugs) // 2
    return _wrong(binary, machine, plugs[:half]) + _wrong(binary, machine, plugs[half:])


def _different(binary: Binary, text: str) -> Iterator[str]:
    """What a guest tells otherwise when it is started with the hints of itself."""
    catalog = machdesc.load_catalog()
    with started(binary, text) as (_, process):
        told = take_hints(read_running(process.monitor), catalog)
    with started(binary, text, told) as (_, process):
        again = take_hints(read_running(process.monitor), catalog)
    assert len(again.devices) == len(told.devices)
    for old, new in zip(told.devices, again.devices, strict=True):
        if _kept(old) != _kept(new):
            yield f"{old} -> {new}"


def _kept(device: DeviceHint) -> DeviceHint:
    values = {name: value for name, value in device.values.items() if (device.type, name) not in NOT_THE_SAME}
    return device._replace(values=values)
