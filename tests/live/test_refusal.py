"""What lint calls an error against QEMU itself: it refuses one guest of each row, and starts the other."""

from __future__ import annotations

from itertools import cycle

import pytest

from machdesc.abi.settle import settle_devices
from machdesc.abi.version import write_versions
from machdesc.backend.argument import emit_arguments
from machdesc.backend.emit import emit_options
from machdesc.library import resolve_description
from machdesc.model.load import load_source
from machdesc.source import source_of
from tests.live.binary import Binary
from tests.live.conftest import binary_or_skip
from tests.live.machine import StartError, start, working_directory
from tests.resolve.refusal import ROWS, Row, whole


def arguments(text: str, release: str) -> list[str]:
    """QEMU's arguments for a guest, whatever is wrong with it."""
    description, _ = load_source(source_of(whole(text), "g"))
    assert description is not None
    guest, _ = resolve_description(description, release)
    versions, _ = write_versions(guest)
    written = dict(settle_devices(guest))
    for number, pairs in versions.devices.items():
        written[number] = (*pairs, *written.get(number, ()))
    options = emit_options(guest, written, versions.globals)
    return ["-accel", "tcg", *emit_arguments(list(options))]


def refusal(text: str, binary: Binary) -> str:
    """What QEMU says when it does not start a guest; empty when it does."""
    with working_directory(binary) as directory:
        (directory / "file").write_bytes(bytes(1 << 20))
        try:
            with start(binary, arguments(text, binary.release), directory):
                return ""
        except StartError as refused:
            return str(refused)


WAYS = list(zip(ROWS, cycle(["7.2", "11.1"]), strict=False))
"""Each row with a release, turn by turn: what is refused is so in both."""


@pytest.mark.live
@pytest.mark.parametrize(("row", "release"), WAYS, ids=[f"{row.refused}-{release}" for row, release in WAYS])
def test_qemu_is_of_the_same_mind(row: Row, release: str) -> None:
    binary = binary_or_skip(release)
    assert refusal(row.refused, binary)
    assert refusal(row.taken, binary) == ""
