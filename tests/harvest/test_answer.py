"""Reading QEMU's answers: `info qdm`, `info qtree`, and refusals."""

from __future__ import annotations

from pathlib import Path

from machdesc.harvest.device_list import ListedDevice, parse_device_list
from machdesc.harvest.probe_enum import resolve_accepted
from machdesc.harvest.probe_offer import resolve_offers
from machdesc.live.device_tree import parse_device_tree, walk_buses, walk_devices

_RECORDED = Path(__file__).parent / "recorded"


def test_device_list() -> None:
    devices = parse_device_list((_RECORDED / "qdm-7.2.txt").read_text())
    assert len(devices) == 8
    assert devices["ICH9-LPC"] == ListedDevice("ICH9-LPC", "PCI", "", "ICH9 LPC bridge", False)
    assert devices["ich9-ahci"] == ListedDevice("ich9-ahci", "PCI", "ahci", "", True)
    assert devices["nvdimm"] == ListedDevice("nvdimm", "", "", "DIMM memory module", True)


def test_device_tree() -> None:
    tree = parse_device_tree((_RECORDED / "qtree-10.0.txt").read_text())
    assert [bus.name for bus in tree] == ["main-system-bus"]
    buses = {bus.name: bus.type for bus in walk_buses(tree)}
    assert buses["pcie.0"] == "PCIE"
    assert buses["isa.0"] == "ISA"
    at = {f"{bus.name}/{device.address}": device.type for bus, device in walk_devices(tree) if device.address}
    assert at["pcie.0/1f.2"] == "ich9-ahci"
    assert at["rp/00.0"] == "virtio-scsi-pci"


def test_offers() -> None:
    tree = parse_device_tree((_RECORDED / "qtree-10.0.txt").read_text())
    assert resolve_offers(tree, "rp") == {"": "PCIE"}
    # The bus of the part is offered, the bus that the part sits on is not.
    assert resolve_offers(tree, "scsi") == {".0": "SCSI"}
    assert resolve_offers(tree, "nothing") == {}


def test_accepted_words() -> None:
    refused = "Parameter 'x' does not accept value '{}'"
    answers = {
        "no-such-word": refused.format("no-such-word"),
        "on": "Property 'd.a-no-such' not found",
        "x": refused.format("x"),
        "off": None,
    }
    assert resolve_accepted(answers) == ("on", "off")


def test_a_refusal_without_the_word_is_no_enum() -> None:
    assert resolve_accepted({"no-such-word": "Invalid parameter type, expected: array", "on": None}) == ()
