"""Former places: addresses of devices that are gone, which no other device gets.

A guest knows a device by its address, so another one there would be taken for the one that is gone.
"""

from __future__ import annotations

from machdesc.resolve.address import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import TypeAlias

    from machdesc.pinning.unit import Place
    from machdesc.resolve.guest import Guest

    Former: TypeAlias = Collection[tuple[str, str]]
    """Ids and addresses that devices had once, such as `("net1", "pcie.0/04.0")`."""


def held_places(guest: Guest, former: Former) -> dict[str, set[Place]]:
    """The places of devices that are no longer there, by bus."""
    there = {device.id for device in guest.devices}
    held: dict[str, set[Place]] = {}
    for id, address in former:
        name, _, unit = address.partition("/")
        bus = guest.buses.get(name)
        if id in there or bus is None or not unit:
            continue
        kind = kind_of(bus.type, guest.catalog, guest.release)
        place = kind.parse(unit) if kind is not None else None
        if place is not None:
            held.setdefault(name, set()).add(place)
    return held
