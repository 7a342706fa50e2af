"""What a guest reads, held against what its description says."""

from __future__ import annotations

import pytest

from machdesc.abi.effective import UNKNOWN, WRITTEN, Effective, effective_values
from machdesc.live.running import RunningDevice
from machdesc.verify.sight.claim import Claim, Seen, switch
from machdesc.verify.sight.pci import pci_claims
from machdesc.verify.sight.virtio import virtio_claims
from tests.verify.stand_in import device, guest_of

GUEST = """machine q35 @ 7.2
memory 128MiB
{device}
host {{ accel tcg  netdev user lan }}"""


def seen(text: str, found: RunningDevice, path: str) -> Seen:
    """The only device of a guest, and QEMU's."""
    guest = guest_of(GUEST.format(device=text))
    return Seen(guest.devices[0], found, effective_values(guest, guest.devices[0]), path)


def wrong(claims: list[Claim]) -> list[str]:
    """What is not as it must be."""
    return [f"{claim.said}: {claim.seen}" for claim in claims if claim.wanted != claim.seen]


PORT = seen(
    "device pcie-root-port rp at pcie.0/02.0 { chassis 1  slot 3  port 0x10 }",
    device("pcie-root-port", "pcie.0/02.0", "rp", values={"addr": 0x10}),
    "00/02.0",
)
BASE = ("pci", "00/02.0")
PORT_VIEW: dict[tuple[str, ...], object] = {
    (*BASE, "vendor id"): "1b36",
    (*BASE, "header type"): "01",
    (*BASE, "PCI Express", "0x0c"): f"{0x10 << 24:08x}",
    (*BASE, "PCI Express", "0x14"): f"{3 << 19:08x}",
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({(*BASE, "header type"): "81"}, ["`multifunction` is off"]),
        ({(*BASE, "PCI Express", "0x0c"): f"{0x11 << 24:08x}"}, ["`port` is 16"]),
        ({(*BASE, "PCI Express", "0x14"): f"{4 << 19:08x}"}, ["`slot` is 3"]),
    ],
)
def test_config_space(change: dict[tuple[str, ...], object], expected: list[str]) -> None:
    found = wrong(list(pci_claims(PORT, {**PORT_VIEW, **change})))
    assert [line.partition(" (")[0] for line in found] == expected


def test_a_function_that_is_not_there() -> None:
    (claim,) = pci_claims(PORT, {})
    assert (claim.wanted, claim.seen) == ("a function", "nothing")
    assert claim.said == "it is at 02.0 of `pcie.0`"


def test_vectors_of_a_device_without_the_capability() -> None:
    net = seen(
        "device virtio-net-pci net at pcie.0/03.0 { netdev lan  vectors 4 }",
        device("virtio-net-pci", "pcie.0/03.0", "net", values={"addr": 0x18}, part="virtio-net-device"),
        "00/03.0",
    )
    base = ("pci", "00/03.0")
    view: dict[tuple[str, ...], object] = {(*base, "vendor id"): "1af4", (*base, "header type"): "00"}
    assert wrong(list(pci_claims(net, view))) == ["`vectors` is 4 (on the device): 0"]
    assert wrong(list(pci_claims(net, {**view, (*base, "MSI-X", "0x00"): "80030011"}))) == []


def test_features_and_config_of_virtio() -> None:
    net = seen(
        'device virtio-net-pci net at pcie.0/03.0 { netdev lan  mac "52:54:00:12:34:56"  mq on }',
        device("virtio-net-pci", "pcie.0/03.0", "net", values={"addr": 0x18}, part="virtio-net-device"),
        "00/03.0",
    )
    base = ("virtio", "00/03.0")
    right: dict[tuple[str, ...], object] = {(*base, "queues"): 3}
    right |= {(*base, "config", "0x00"): "52540012", (*base, "config", "0x04"): "34560100"}
    claims = [claim for claim in virtio_claims(net, right) if claim.said.startswith(("`mac`", "`mq`"))]
    assert wrong(claims) == ["`mq` is on (on the device): not offered"]
    offered = {**right, (*base, "feature", "22"): "mq", (*base, "config", "0x04"): "34570100"}
    claims = [claim for claim in virtio_claims(net, offered) if claim.said.startswith(("`mac`", "`mq`"))]
    assert wrong(claims) == ['`mac` is "52:54:00:12:34:56" (on the device): 52:54:00:12:34:57']
    assert list(virtio_claims(net, {})) == []


def test_which_virtio_device_a_device_is() -> None:
    carrying = device("virtio-net-pci", "pcie.0/03.0", "net", part="virtio-net-device")
    assert PORT._replace(running=carrying).virtio_type == "virtio-net-device"
    plain = device("virtio-net-device", "virtio-mmio-bus.0", "net")
    assert PORT._replace(running=plain).virtio_type == "virtio-net-device"
    assert PORT.virtio_type == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [("on", True), (True, True), ("off", False), (False, False), ("auto", None), (1, None)],
)
def test_switches(value: object, expected: bool | None) -> None:
    assert switch(Effective("x", value, WRITTEN, "", None)) is expected
    assert switch(Effective("x", value, UNKNOWN, "", None)) is None
    assert switch(None) is None
