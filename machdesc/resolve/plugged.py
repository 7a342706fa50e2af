"""Plugged devices: of what kinds each is, and what its block says, for the checks that ask for both.

A device is of its own type, of those above it, and of those of its parts and above these: a
`virtio-blk-pci` is a `virtio-pci`, and a `virtio-blk-device`, which is a part of it.
"""

from __future__ import annotations

from machdesc.record import Record
from machdesc.resolve.guest import Device, Guest
from machdesc.syntax.tree import Number, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from machdesc.catalog.catalog import DeviceType
    from machdesc.syntax.tree import Property, Span


_new = tuple.__new__
"""Makes the commonest records without the detour over their own constructor."""


class Plugged(Record):
    """A device whose type is known, its kinds, and its properties by name."""

    device: Device
    type: DeviceType
    kinds: frozenset[str]
    said: Mapping[str, Property]

    def number(self, name: str, default: int = 0) -> int:
        """The number that a property is set to, or else its default."""
        item = self.said.get(name)
        found = number(item) if item is not None else None
        return default if found is None else found

    def says(self, name: str, text: str) -> bool:
        """Whether a property is set to a word."""
        item = self.said.get(name)
        return item is not None and getattr(item.value, "text", None) == text

    def span(self, *names: str) -> Span:
        """The place of the first of some properties that is written, or else that of the type."""
        for name in names:
            if name in self.said:
                return self.said[name].value.span
        statement = self.device.statement
        return statement.head.span if statement.head is not None else statement.keyword_span

    @property
    def label(self) -> str:
        """The device for messages: its id, or its type."""
        return f"`{self.device.id}`" if self.device.id else f"the `{self.type.name}`"


def plugged_devices(guest: Guest) -> list[Plugged]:
    """All devices of known types, in their order."""
    return [
        _new(Plugged, (d, d.type, kinds_of(d.type, guest), {i.name: i for i in d.statement.properties}))
        for d in guest.devices
        if d.type is not None
    ]


def kinds_of(type: DeviceType, guest: Guest) -> frozenset[str]:
    """The QOM types that a device of a type is, and that its parts are."""
    release = guest.release
    found = _kinds.get((type, release))
    if found is None:
        names = [type.name, *type.parents(release)]
        for part in type.parts(release).values():
            names += [part, *guest.catalog.ancestors(part, release)]
        found = _kinds[type, release] = frozenset(names)
    return found


_kinds: dict[tuple[DeviceType, str], frozenset[str]] = {}


def number(item: Property) -> int | None:
    """The whole number that a property is set to."""
    value = item.value
    return value.value if isinstance(value, Number) and isinstance(value.value, int) else None


class _Everything:
    """What contains every name."""

    def __contains__(self, name: object) -> bool:
        return True


def set_elsewhere(guest: Guest) -> Container[str]:
    """The names of the properties that something else than a device's own block may set: a `global`, a
    machine type of the user's own, or QEMU's own options in `arguments`."""
    description = guest.description
    names = {item.name for s in description.all("global") for item in s.properties}
    names |= {entry.name for chain in guest.variants.values() for v in chain for entry in v.entries}
    words = argument_words(guest)
    if "-readconfig" in words:
        return _Everything()
    if "-audio" in words:
        names.add("audiodev")  # what it makes is for all devices that name none
    if "-global" in words or "-set" in words:
        for word in words:
            names.update(word.partition("=")[0].replace(",", ".").split("."))
            names.update(part.rpartition("=")[2] for part in word.split(","))
    return names


def argument_words(guest: Guest) -> tuple[str, ...]:
    """All words of the arguments that are passed to QEMU as they are."""
    values = [s.values for s in guest.description.host_all("arguments") if s.values is not None]
    return tuple(word for value in values for word in texts(value))
