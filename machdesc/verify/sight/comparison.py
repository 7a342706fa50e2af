"""Reads a started guest as the guest itself would, and holds that against its description."""

from __future__ import annotations

from collections.abc import Collection

from machdesc.abi.effective import effective_values
from machdesc.live.running import Running
from machdesc.live.view import View
from machdesc.resolve.guest import Guest
from machdesc.verify.device import pair_devices
from machdesc.verify.finding import Findings
from machdesc.verify.place import mmio_path, pci_paths
from machdesc.verify.sight.board import board_claims
from machdesc.verify.sight.claim import Claim, Seen
from machdesc.verify.sight.firmware import firmware_claims
from machdesc.verify.sight.pci import pci_claims
from machdesc.verify.sight.virtio import virtio_claims

_HELP = "that is what the guest reads there: this QEMU makes something else of the property than it says"


def compare_view(
    guest: Guest, running: Running, view: View, replaced: Collection[str], findings: Findings
) -> None:
    """Adds what differs. `running` is what QMP told of the guest before it was read; `replaced` are ids,
    or types, of devices that were left out, or that another type stands in for."""
    paths = pci_paths({device.path: device for device in running.devices})
    devices = [
        Seen(device, found, effective_values(guest, device), paths.get(found.path) or mmio_path(found))
        for device, found, _ in pair_devices(guest, running)
        if device.type is not None
        and found is not None
        and found.type == device.type.name
        and (device.id or device.type.name) not in replaced
    ]
    claims: list[Claim] = []
    for seen in devices:
        claims += pci_claims(seen, view)
        claims += virtio_claims(seen, view)
    claims += board_claims(guest, devices, view)
    claims += firmware_claims(guest, devices, view)
    for claim in claims:
        findings.values += 1
        if claim.wanted != claim.seen:
            read = "nothing" if claim.seen is None else claim.seen
            message = f"{claim.subject}: {claim.said}; {claim.where}: {read} instead of {claim.wanted}"
            findings.differ("sight-differs", message, claim.span, _HELP)
