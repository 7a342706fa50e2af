"""A machine type of the user's own is, in real QEMU, its base and exactly what it says.

The same guest is started under the base and under the own type, and all QOM objects of the machine are
read: what differs are the properties that the own type sets, of all devices that it reaches, the
machine's own and the processor among them; a device at the base's version has none of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import machdesc
from tests.live.conftest import binary_or_skip
from tests.live.qom import Objects, read_objects
from tests.live.zoo import started

OWN = """machdesc 1
machine-type pc-q35-{base}-own follows pc-q35-{base} {{ suppress-vmdesc on }}
device virtio-net-device {{ mrg_rxbuf off }}
device pci-device {{ x-pcie-lnksta-dllla off }}
device ICH9-LPC {{ x-smi-broadcast off }}
device hpet {{ msi on }}
device x86_64-cpu {{ l3-cache off }}
device scsi-hd {{ rotation_rate 1 }}
device virtio-balloon-pci {{ deflate-on-oom on }}
"""
"""There is no balloon in the guest, so what is said of one changes nothing."""

GUEST = """machdesc 1
guest own
machine q35 @ {version}
memory 64MiB
device pcie-root-port rp1 at pcie.0/02.0 {{ chassis 1 }}
device virtio-net-pci net0 at rp1/00.0 {{ netdev lan0 }}
device virtio-net-pci @ {base} net1 at pcie.0/03.0 {{ netdev lan1 }}
device qemu-xhci xhci at pcie.0/04.0
device usb-storage stick at xhci.0/1 {{ drive stick }}
host {{ netdev user lan0  netdev user lan1  blockdev null-co stick {{ size 1MiB  read-zeroes on }} }}
"""

CHANGES = {
    "pc-q35-{base}-machine": ("suppress-vmdesc", True),
    "virtio-net-device": ("mrg_rxbuf", False),
    "ICH9-LPC": ("x-smi-broadcast", False),
    "hpet": ("msi", True),
    "qemu64-x86_64-cpu": ("l3-cache", False),
    "scsi-hd": ("rotation_rate", 1),
}
"""Type -> what is to differ, beside what every PCI device has."""

CLOCK = ("date", "rtc-time")
"""The time of day: the property of the clock, and the alias that the machine has for it."""


@pytest.mark.live
@pytest.mark.parametrize(("release", "base"), [("7.2", "7.2"), ("10.0", "9.2"), ("11.1", "9.2")])
def test_exactly_what_it_says_differs(
    release: str, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"pc-q35-{base}-own.md").write_text(OWN.format(base=base))
    monkeypatch.setenv("MACHDESC_MACHINE_TYPES", str(tmp_path))
    plain, again, own = (_objects(release, base, version) for version in (base, base, f"{base}-own"))
    assert plain.keys() == own.keys()
    restless = _differing(plain, again)
    differing = {key: value for key, value in _differing(plain, own).items() if key not in restless}
    assert differing == _expected(plain, release, base)


def _objects(release: str, base: str, version: str) -> Objects:
    """All objects of the guest's machine under a version, by path."""
    with started(binary_or_skip(release), GUEST.format(version=version, base=base)) as (_, process):
        return read_objects(process.monitor, ["/machine"])["/machine"]


def _differing(old: Objects, new: Objects) -> dict[tuple[str, str], object]:
    """(path, property) -> the new value, of all that differs but the time of the clock."""
    return {
        (path, name): value
        for path, properties in new.items()
        for name, value in properties.items()
        if old[path].get(name) != value and name not in CLOCK
    }


def _expected(objects: Objects, release: str, base: str) -> dict[tuple[str, str], object]:
    """What the own type says, for each object of the machine that it concerns."""
    catalog = machdesc.load_catalog()
    changes = {type.format(base=base): change for type, change in CHANGES.items()}
    found: dict[tuple[str, str], object] = {}
    for path, properties in objects.items():
        type = str(properties.get("type", ""))
        if path.startswith("peripheral/net1"):
            continue
        if type in changes:
            name, value = changes[type]
            found[path, name] = value
        if type == "virtio-net-pci":
            found[path, "mrg_rxbuf"] = False
        if "pci-device" in catalog.ancestors(type, release):
            found[path, "x-pcie-lnksta-dllla"] = False
    assert len({objects[path]["type"] for path, _ in found}) >= len(CHANGES) + 6
    return found
