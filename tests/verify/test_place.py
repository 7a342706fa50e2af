"""Where a guest finds devices: PCI paths, and windows in memory."""

from __future__ import annotations

from dataclasses import replace

from machdesc.live.running import RunningDevice
from machdesc.verify.place import mmio_path, pci_paths
from tests.verify.stand_in import device


def paths(*devices: RunningDevice) -> list[str]:
    """The paths of PCI functions, in the order of the devices; empty for one without."""
    found = pci_paths({each.path: each for each in devices})
    return [found.get(each.path, "") for each in devices]


def test_functions_on_the_root_bus_and_behind_bridges() -> None:
    port = device("pcie-root-port", "pcie.0/02.0", "port", values={"addr": 0x10})
    card = device("virtio-rng-pci", "port/00.0", "rng", above=port.path, values={"addr": 0})
    disk = device("ide-hd", "ide.0/0", "disk")
    assert paths(port, card, disk) == ["00/02.0", "00/02.0/00.0", ""]


def test_an_expander_is_a_root_of_its_own() -> None:
    expander = device("pxb-pcie", "pcie.0/06.0", "pxb", values={"addr": 0x30, "bus_nr": 32})
    port = replace(device("pcie-root-port", "pxb/01.0", "port", values={"addr": 8}), bus_type="pxb-pcie-bus")
    card = device("virtio-rng-pci", "port/00.0", "rng", above=port.path, values={"addr": 0})
    assert paths(expander, port, card) == ["00/06.0", "20/01.0", "20/01.0/00.0"]
    nameless = replace(port, bus="/machine/pcie.1")
    assert paths(expander, nameless) == ["00/06.0", ""]


def test_windows_of_microvm() -> None:
    assert mmio_path(device("virtio-rng-device", "virtio-mmio-bus.3")) == "0xfeb00600"
    assert mmio_path(device("virtio-rng-pci", "pcie.0/02.0")) == ""
