"""Properties that `device-list-properties` hides, by what QEMU 10.0 says of a CPU and of virtio-rng."""

from __future__ import annotations

import machdesc
from machdesc.harvest.probe_type import _hidden


def _entries(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "type": "bool"} for name in names]


def test_only_what_is_no_text_of_another_one_is_taken() -> None:
    listed = _entries("rng", "l3-cache")
    told = _entries("rng", "l3-cache", "legacy-rng", "legacy-cache", "realized", "memory", "legacy-memory")
    assert [entry["name"] for entry in _hidden(listed, told)] == ["legacy-cache"]
    assert _hidden(_entries("legacy-cache"), told[3:4]) == []


def test_the_catalog_has_them() -> None:
    catalog = machdesc.load_catalog()
    schema = catalog.cpu_schema()
    assert schema is not None
    assert schema.property_releases("legacy-cache") == ("5.2", "7.2", "10.0", "11.1")
    assert schema.property_releases("legacy-multi-node") == ("10.0", "11.1")
    rng = catalog.device("virtio-rng-pci")
    assert rng is not None
    assert not any(name.startswith("legacy-") for r in rng.releases for name in rng.properties(r))


def test_the_default_of_one_is_seen_on_a_device() -> None:
    nvme = machdesc.load_catalog().device("nvme")
    assert nvme is not None
    assert nvme.properties("7.2")["legacy-cmb"].default is False
