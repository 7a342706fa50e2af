"""Known defects: they speak of what QEMU has, and of a guest that has it on both sides."""

from __future__ import annotations

import pytest

import machdesc
from machdesc.check.defect import DEFECTS, Defect, find_defects
from machdesc.check.finding import CONTRACTS
from machdesc.check.wildcard import matches
from machdesc.resolve.guest import Guest
from machdesc.source import source_of
from machdesc.target import release_of

NET = "device virtio-net-pci net0 at pcie.0/02.0"
RNG = "device e1000e net0 at pcie.0/02.0"


def guest(release: str, *lines: str) -> Guest:
    """A guest under a release."""
    text = "\n".join(["machdesc 1", "guest a", "machine q35 @ 7.2", "memory 1GiB", *lines, ""])
    description, _ = machdesc.load_source(source_of(text, "g.md"))
    assert description is not None
    found, diagnostics = machdesc.resolve_description(description, release)
    assert not machdesc.has_errors(diagnostics)
    return found


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.text)
def test_a_defect_speaks_of_what_there_is(defect: Defect) -> None:
    catalog = machdesc.load_catalog()
    assert defect.breaks in ("", *CONTRACTS)
    assert defect.source
    assert all(release == "*" or release_of(release) == release for way in defect.ways for release in way)
    for machine in defect.machines:
        assert any(matches(name, machine) for name in catalog.names("machine")), machine
    for device in defect.devices:
        assert any(matches(name, device) for name in catalog.names("device")), device


def test_what_only_one_side_has_is_not_met() -> None:
    def met(old: str, new: str) -> list[tuple[str, ...]]:
        return [defect.devices for defect in find_defects(guest("10.0", old), guest("11.1", new))]

    assert met(NET, NET) == [("virtio-*",), ("virtio-*",)]
    assert met(NET, RNG) == met(RNG, NET) == met(RNG, RNG) == []


def test_all_that_a_guest_meets_are_told() -> None:
    lines = [NET.replace("pcie.0/02", "rp/00"), "device pcie-root-port rp at pcie.0/03.0 { chassis 1 }"]
    devices = "device ipmi-bmc-sim bmc"
    found = find_defects(guest("11.1", *lines, devices), guest("7.2", *lines, devices))
    assert sorted(defect.devices for defect in found) == [
        ("ipmi-bmc-sim",),
        ("pcie-root-port", "ioh3420", "xio3130-downstream"),
    ]


def test_one_release_has_no_way() -> None:
    assert not find_defects(guest("10.0", NET), guest("10.0", NET))


def test_two_networks_of_qemus_own() -> None:
    both = "host { netdev user a  netdev user b }"
    for lines, count in (([both], 1), (["host { netdev user a }"], 0), ([], 0)):
        assert len(find_defects(guest("11.1", *lines), guest("7.2", *lines))) == count
    assert not find_defects(guest("7.2", both), guest("11.1", both))
