"""Reads the human monitor's `info qdm`: which devices there are, and which a user may create."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(
    r'name "(?P<name>[^"]*)"(?:, bus (?P<bus>[^,]+?))?(?:, alias "(?P<alias>[^"]*)")?'
    r'(?:, desc "(?P<description>.*?)")?(?P<hidden>, no-user)?$'
)


@dataclass(frozen=True)
class ListedDevice:
    """One line of `info qdm`; what the line does not tell is empty."""

    name: str
    bus: str
    alias: str
    description: str
    user_creatable: bool


def parse_device_list(text: str) -> dict[str, ListedDevice]:
    """Devices by name; headings and empty lines are passed over."""
    devices = {}
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if match:
            part = match.groupdict(default="")
            device = ListedDevice(
                part["name"], part["bus"], part["alias"], part["description"], not part["hidden"]
            )
            devices[device.name] = device
    return devices
