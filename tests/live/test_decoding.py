"""What is read from a guest is taken apart rightly: config space, ACPI, SMBIOS, the map."""

from __future__ import annotations

from pathlib import Path

from machdesc.live.acpi import acpi_view, split_tables
from machdesc.live.blind import is_volatile
from machdesc.live.memory_map import parse_memory_map
from machdesc.live.pci import Bar, Function, walk_capabilities
from machdesc.live.pci_view import pci_view
from machdesc.live.smbios import smbios_view, split_structures
from machdesc.live.view import Difference, View, differences

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> bytes:
    """The bytes of a recorded file."""
    return bytes.fromhex((RECORDED / name).read_text())


def root_port(size: int = 4096) -> View:
    """A recorded root port with as much of its config space as can be reached."""
    space = recorded("pcie-root-port.hex").ljust(4096, b"\0")[:size]
    bars = (Bar(0, 0x10, 4096, "memory"), Bar(6, 0x38, 2048, "rom"))
    return dict(pci_view(Function("00/02.0", 0x10, space, bars, ())))


def test_config_space() -> None:
    view = root_port()
    assert view["pci", "00/02.0", "vendor id"] == "0x1b36"
    assert view["pci", "00/02.0", "class"] == "0x060400"
    assert view["pci", "00/02.0", "capabilities"] == (
        "PCI Express at 0x54",
        "MSI-X at 0x48",
        "subsystem at 0x40",
        "advanced error reporting at 0x100",
        "access control services at 0x148",
    )
    assert view["pci", "00/02.0", "PCI Express", "0x14"] == "0x0002007b"
    assert view["pci", "00/02.0", "access control services", "0x04"] == "0x0000005f"
    assert view["pci", "00/02.0", "BAR 0", "size"] == 4096
    assert view["pci", "00/02.0", "option ROM", "size"] == 2048
    # The bytes that link one capability to the next are told by their list only.
    assert view["pci", "00/02.0", "MSI-X", "0x00"] == "0x00000011"


def test_config_space_without_its_extension() -> None:
    whole, part = root_port(), root_port(256)
    lost = {key[2] for key in whole.keys() - part.keys()}
    assert lost == {"advanced error reporting", "access control services"}


def test_a_list_of_capabilities_that_runs_in_circles_ends() -> None:
    space = bytearray(recorded("pcie-root-port.hex").ljust(4096, b"\0"))
    first = space[0x34]
    space[first + 1] = first
    assert len(list(walk_capabilities(bytes(space)))) == 1


def test_acpi_tables() -> None:
    blob = recorded("acpi-microvm.hex")
    assert [table.signature for table in split_tables(blob)] == ["DSDT", "FACP", "APIC", "XSDT"]
    view = dict(acpi_view(blob))
    assert view["acpi", "APIC", "OEM id"] == "BOCHS"
    # Two processors, of which the second is number 1 and on.
    assert view["acpi", "APIC", "entry", "1"] == "00 08 01 01 01 00 00 00"
    assert ("acpi", "DSDT", "sha256") in view


def test_acpi_tables_that_are_damaged_end() -> None:
    blob = recorded("acpi-microvm.hex")
    assert split_tables(blob[:40]) == []
    assert split_tables(b"\xff" * 64) == []
    assert list(acpi_view(b"")) == []


def test_equal_tables_are_numbered() -> None:
    table = b"SSDT" + (40).to_bytes(4, "little") + bytes(32)
    assert {key[1] for key, _ in acpi_view(table * 2)} == {"SSDT", "SSDT 2"}


def test_smbios() -> None:
    blob = recorded("smbios.hex")
    view = dict(smbios_view(blob))
    assert view["smbios", "type 1", "0x0100", "serial"] == "S-1"
    assert view["smbios", "type 1", "0x0100", "sku"] == "K"
    assert view["smbios", "type 11", "0x0e00", "string 2"] == "two"
    assert [structure.type for structure in split_structures(blob)][-1] == 127
    assert split_structures(blob[:10]) == []


def test_memory_map() -> None:
    view = dict(parse_memory_map((RECORDED / "mtree-microvm.txt").read_text()))
    assert view["map", "memory", "0x0"] == "to 0x3ffffff: ram"
    assert view["map", "memory", "0xfec00000"] == "to 0xfec00fff: ioapic"
    # All 24 transports, which stand side by side.
    assert view["map", "memory", "0xfeb00000"] == "to 0xfeb02fff: virtio-mmio"
    assert view["map", "I/O", "0x71"] == "to 0x71: rtc"
    assert ("map", "I/O", "0x72") not in view


def test_differences() -> None:
    old: View = {("pci", "a"): 1, ("cmos", "0x00"): "0x10", ("told", "x"): 1, ("cpu", "gone"): 1}
    new: View = {("pci", "a"): 2, ("cmos", "0x00"): "0x11", ("told", "x"): 2}
    found = differences(old, new)
    assert found == [Difference(("cpu", "gone"), 1, None), Difference(("pci", "a"), 1, 2)]
    assert str(found[0]) == "cpu / gone: 1 -> absent"
    assert [d.key for d in differences(old, new, told=True)] == [("cpu", "gone"), ("pci", "a"), ("told", "x")]


def test_a_clock_that_is_gone_is_a_difference() -> None:
    assert len(differences({("cmos", "0x00"): "0x10"}, {})) == 1


def test_files_of_a_build() -> None:
    key = ("pci", "00/03.0", "option ROM", "sha256")
    assert not is_volatile(key)
    assert is_volatile(key, other_build=True)
