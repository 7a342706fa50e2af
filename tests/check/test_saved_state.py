"""Which obstacles of a saved state are told of a guest, and which way they stand."""

from __future__ import annotations

import pytest

import machdesc.check.part.saved_state as part
from machdesc.catalog.catalog import Catalog
from machdesc.catalog.layout import Layouts, read_layouts
from machdesc.check.part.saved_state import compare_saved_states
from machdesc.check.saved_field import FIELDS, is_there
from machdesc.library import resolve_description
from machdesc.model.load import load_source
from machdesc.resolve.guest import Guest
from machdesc.source import source_of

_GUEST = "machdesc 1\nguest lone\nmachine {}\ncpu Skylake-Server @ v5 {{ cpus 1 }}\nmemory 64MiB\n{}\n"

NVME = 'device nvme it at pcie.0/04.0 { serial "1" }'
CRYPTO = "device virtio-crypto-pci it at pcie.0/04.0 { cryptodev c }\nobject cryptodev-backend-builtin c"
E1000E = "device e1000e it at pcie.0/04.0"


def guest(device: str, release: str, machine: str = "q35 @ 7.2") -> Guest:
    """A guest with one device, under a release."""
    description, _ = load_source(source_of(_GUEST.format(machine, device), "guest.md"))
    assert description is not None
    return resolve_description(description, release)[0]


def names(device: str, old: str, new: str) -> list[str]:
    """The names of what is told of the device."""
    found = compare_saved_states(guest(device, old), guest(device, new))
    return [difference.name for difference in found if difference.subject == "it"]


@pytest.mark.parametrize(
    ("device", "way", "told"),
    [
        (NVME, ("10.0", "11.1"), ["forwards certain"]),
        (NVME, ("11.1", "10.0"), ["forwards certain"]),
        (NVME, ("7.2", "10.0"), ["forwards certain"]),
        (CRYPTO, ("7.2", "11.1"), ["forwards certain"]),
        (E1000E, ("7.2", "10.0"), []),
        (E1000E, ("10.0", "7.2"), []),
        ("device am53c974 it at pcie.0/04.0", ("10.0", "11.1"), ["forwards field"]),
        ("device am53c974 it at pcie.0/04.0", ("7.2", "10.0"), ["forwards certain", "forwards subsection"]),
    ],
)
def test_ways(device: str, way: tuple[str, str], told: list[str]) -> None:
    assert names(device, *way) == told


def test_a_field_that_one_side_has_is_told() -> None:
    old, new = guest(E1000E, "7.2"), guest(f"{E1000E} {{ migrate-timadj on }}", "10.0")
    found = [found.what for found in compare_saved_states(old, new) if found.subject == "it"]
    assert len(found) == 1
    assert "`core.timadj`" in found[0]


@pytest.mark.parametrize(
    ("written", "release", "there"),
    [("", "10.0", False), (" { migrate-timadj on }", "10.0", True), ("", "7.2", False)],
)
def test_a_property_decides_of_a_field(written: str, release: str, there: bool) -> None:
    found = guest(E1000E + written, release)
    assert is_there(found, found.devices[0], "e1000e", "core.timadj") is there


def test_a_machine_type_decides_of_a_field() -> None:
    type, field = "PIIX4_PM", "acpi_pci_hotplug.acpi_index"
    assert is_there(guest("", "7.2", "pc @ 7.2"), None, type, field) is True
    assert is_there(guest("", "7.2", "pc @ 5.2"), None, type, field) is False


def test_a_field_that_is_not_listed_is_not_known() -> None:
    found = guest(E1000E, "10.0")
    assert is_there(found, found.devices[0], "e1000e", "core.mac") is None


def test_every_listed_property_exists() -> None:
    catalog = guest("", "10.0").catalog
    for type, _, property, _, _ in FIELDS:
        schema = catalog.device(type)
        assert schema is not None
        assert schema.property_releases(property), (type, property)


def test_a_catalog_without_layouts_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(catalog: Catalog, release: str) -> Layouts | None:
        return None if release == "10.0" else read_layouts(catalog, release)

    monkeypatch.setattr(part, "read_layouts", lacking)
    (found,) = compare_saved_states(guest(NVME, "7.2"), guest(NVME, "10.0"))
    assert found.name == part.UNTOLD
    assert "no layout of the states of QEMU 10.0;" in found.what
