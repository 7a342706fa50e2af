"""Two rules to test with, whatever the real ones say: a machine's type and a device's MAC."""

from __future__ import annotations

from machdesc.check.finding import Finding
from machdesc.resolve.guest import Device, Guest
from machdesc.syntax.tree import Property


def check(old: Guest, new: Guest) -> list[Finding]:
    """What differs between two guests."""
    found = []
    if old.machine_name != new.machine_name:
        spans = [guest.description.one("machine") for guest in (old, new)]
        found.append(
            Finding(
                "MD101", "machine-type", "additive", False, "machine", "the machine type differs",
                old.machine_name, new.machine_name,
                spans[0].span if spans[0] else None, spans[1].span if spans[1] else None,
                "the chipset is another one", "keep the version",
            )
        )  # fmt: skip
    if old.release != new.release:
        found.append(
            Finding(
                "MD102", "release", "live", True, "machine", "QEMU is another one",
                old.release, new.release, None, None, "", "",
            )
        )  # fmt: skip
    for device in new.devices:
        before = old.device(device.id)
        if before is None:
            continue
        old_mac, new_mac = _mac(before), _mac(device)
        if _text(old_mac) != _text(new_mac):
            found.append(
                Finding(
                    "MD201", "mac-address", "cold", False, device.id, "the MAC address differs",
                    _text(old_mac), _text(new_mac),
                    old_mac.span if old_mac else None, new_mac.span if new_mac else None,
                    "the network card is another one", "keep the address",
                )
            )  # fmt: skip
    return found


def _mac(device: Device) -> Property | None:
    return next((item for item in device.statement.properties if item.name == "mac"), None)


def _text(item: Property | None) -> str:
    return getattr(item.value, "text", "") if item is not None else ""
