"""A version on a device: what is written out, and when it is refused."""

from __future__ import annotations

from machdesc.abi.version import Versions, write_versions
from machdesc.library import resolve_description
from machdesc.model.load import load_source
from machdesc.source import source_of


def versions(text: str, release: str = "11.1") -> tuple[Versions, list[str]]:
    """What the versions of the devices of a guest need, and the codes of what is refused."""
    description, _ = load_source(source_of("machdesc 1\nmachine q35 @ 11.1\n" + text, "g"))
    assert description is not None
    guest, _ = resolve_description(description, release)
    found, diagnostics = write_versions(guest)
    return found, [d.code for d in diagnostics]


def test_a_device_of_its_machines_version_needs_nothing() -> None:
    assert versions("device virtio-net-pci a at pcie.0/02.0") == (Versions({}, ()), [])
    assert versions("device virtio-net-pci @ 11.1 a at pcie.0/02.0") == (Versions({}, ()), [])


def test_an_older_device_has_what_its_machine_types_compat_list_says() -> None:
    found, refused = versions("device virtio-net-pci @ 7.2 a at pcie.0/02.0")
    assert not refused
    written = dict(found.devices[0])
    assert written["x-pcie-err-unc-mask"] == "off"


def test_what_the_text_says_comes_first() -> None:
    found, _ = versions("device virtio-net-pci @ 7.2 a at pcie.0/02.0 { x-pcie-err-unc-mask on }")
    assert "x-pcie-err-unc-mask" not in dict(found.devices.get(0, ()))
