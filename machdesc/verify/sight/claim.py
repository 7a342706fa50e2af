"""A claim: what the description says about something that the guest reads, and what is there to be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from machdesc.abi.effective import UNKNOWN, Effective
from machdesc.model.heading import heading
from machdesc.resolve.guest import Device
from machdesc.verify.device import name_of
from machdesc.verify.finding import text

if TYPE_CHECKING:
    from machdesc.live.running import RunningDevice
    from machdesc.syntax.tree import Span


class Claim(NamedTuple):
    """`said` is a clause such as "`vectors` is 4 (on the device)", `where` names what the guest reads;
    `wanted` and `seen` are what it must and what it does read there, equal if all is well."""

    subject: str
    said: str
    where: str
    wanted: object
    seen: object
    span: Span


class Seen(NamedTuple):
    """A device of the description and of QEMU, its effective values, and its path in a guest's view:
    that of its PCI function, or the address of its virtio-mmio window; empty for all others."""

    device: Device
    running: RunningDevice
    values: Mapping[str, Effective]
    path: str

    @property
    def virtio_type(self) -> str:
        """The type of the virtio device that it is or carries, such as `virtio-net-device`; else empty."""
        part = self.running.parts.get("virtio-backend")
        type = str(part["type"].value) if part is not None else self.running.type
        return type if type.startswith(("virtio-", "vhost-")) else ""

    def known(self, name: str) -> Effective | None:
        """The effective value of a property, where it has such a one and it is known."""
        value = self.values.get(name)
        return None if value is None or value.origin == UNKNOWN else value

    def number(self, name: str) -> int | None:
        """The same as a number; None for one that is not."""
        value = self.known(name)
        number = value.value if value is not None else None
        return number if isinstance(number, int) and not isinstance(number, bool) else None

    def claim(self, name: str, where: str, wanted: object, seen: object) -> Claim:
        """A claim about one of its properties."""
        value = self.values[name]
        said = f"`{name}` is {text(value.value)} ({value.detail})"
        return Claim(
            name_of(self.device).strip("`"),
            said,
            where,
            wanted,
            seen,
            value.span or heading(self.device.statement),
        )


def switch(value: Effective | None) -> bool | None:
    """Whether a property is on; None for one that is not known, or neither on nor off."""
    if value is None or value.origin == UNKNOWN or not isinstance(value.value, (bool, str)):
        return None
    return {True: True, "on": True, False: False, "off": False}.get(value.value)
