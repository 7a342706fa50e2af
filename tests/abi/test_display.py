"""Displays: the screen that one tells of where none is written."""

from __future__ import annotations

import pytest

from machdesc.abi.derived.display import derive
from machdesc.abi.effective import DEFAULT, Effective
from tests.verify.stand_in import guest_of


@pytest.mark.parametrize(
    ("release", "width"), [("5.2", 1024), ("7.2", 1280), ("7.2+acme", 1280), ("10.0", 1280)]
)
def test_a_screen_is_wide_since_7_0(release: str, width: int) -> None:
    guest = guest_of("machine pc @ 5.2\nmemory 128MiB\ndevice VGA v at pci.0/02.0")
    (device,) = guest.devices
    found = derive(guest._replace(release=release), device, Effective("xres", 0, DEFAULT, "", None))
    assert found.value == width
