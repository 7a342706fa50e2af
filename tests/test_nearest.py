"""What is suggested for a name: what `difflib` says, also among so many names that it is asked of few."""

from __future__ import annotations

import pytest

from machdesc.catalog.catalog import load_catalog
from machdesc.nearest import LONGEST, nearest

TYPES = load_catalog().names("device")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("virtoi-net-pci", "virtio-net-pci"),
        ("virtio-net", "virtio-net-pci"),
        ("e100", "e1000"),
        ("pcie-rootport", "pcie-root-port"),
        ("qemu-xhic", "qemu-xhci"),
        ("usb-tabelt", "usb-tablet"),
        ("cirrus", "cirrus-vga"),
        ("zzzzzzzz", ""),
        ("", ""),
    ],
)
def test_device_types(name: str, meant: str) -> None:
    assert len(TYPES) > 100
    assert nearest(name, TYPES) == meant


def test_few_names() -> None:
    assert nearest("mca", ["mac", "netdev"]) == "mac"
    assert nearest("x", []) == ""


def test_names_that_differ_in_numbers_alone() -> None:
    names = [f"disk{number}" for number in range(8000)]
    assert nearest("dsik4711", names) == "disk4711"


def test_nothing_is_suggested_for_what_is_no_name() -> None:
    long = "a" * (LONGEST + 1)
    assert nearest(long, [long[1:]]) == ""
