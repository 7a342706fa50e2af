"""Every example starts on every release, and is there what it says.

Both ways to start it, from a configuration file and from arguments alone, give one machine.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.binary import RELEASES, Binary
from tests.live.compilation import FORMATS, compile_argv
from tests.live.conftest import COMPILE_ONLY, StartExample
from tests.live.description import Example, examples
from tests.live.expectation import (
    device_differences,
    is_pci,
    machine_differences,
    node_differences,
    object_differences,
    place_differences,
    snapshot_differences,
)
from tests.live.snapshot import Snapshot, places_after_firmware, take_snapshot

ALL = examples()
STARTED = [example for example in ALL if example.name not in COMPILE_ONLY]


def by_name(example: Example) -> str:
    """Id of a parametrized test."""
    return example.name


@pytest.mark.live
@pytest.mark.parametrize("example", STARTED, ids=by_name)
def test_guest_is_as_described(example: Example, binary: Binary, start_example: StartExample) -> None:
    snapshots: list[Snapshot] = []
    found: list[str] = []
    for form in FORMATS:
        with start_example(example, binary, form) as machine:
            snapshot = take_snapshot(machine)
            snapshots.append(snapshot)
            differences = [
                *device_differences(example, snapshot),
                *machine_differences(example, snapshot),
                *object_differences(example, snapshot),
                *node_differences(example, snapshot),
                *place_differences(example, snapshot.places),
            ]
            if form == FORMATS[0] and runs_seabios(example):
                wanted = {part.id for part in example.all("device") if is_pci(part)}
                places = places_after_firmware(machine, wanted)
                differences += [f"{name}: query-pci does not show it" for name in wanted - places.keys()]
                differences += place_differences(example, places)
            found += [f"{form}: {difference}" for difference in differences]
    found += snapshot_differences(*snapshots)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("example", ALL, ids=by_name)
def test_compiles_the_same_twice(example: Example, tmp_path: Path) -> None:
    outputs = []
    for name in ("one", "other"):
        directory = tmp_path / name
        directory.mkdir()
        outputs.append([compile_argv(example.path, RELEASES[-1], form, directory) for form in FORMATS])
        outputs[-1] += [[file.name, file.read_text()] for file in sorted(directory.iterdir())]
    assert outputs[0] == outputs[1]


def test_every_device_has_an_id_and_none_is_named_twice() -> None:
    for example in ALL:
        names = [part.id for part in example.all("device")]
        assert len(names) == len(set(names)), example.name


def runs_seabios(example: Example) -> bool:
    """Whether SeaBIOS numbers the buses soon after the start: not UEFI, not a guest that waits."""
    return (
        "pflash0" not in example.one("machine").properties
        and example.one("machine").type != "microvm"
        and "-incoming" not in example.path.read_text()
    )
