"""The boot order: only which device comes before which is told to the firmware, not by which numbers
(get_boot_devices_list in system/bootdevice.c)."""

from __future__ import annotations

from machdesc.check.part.value import properties_of
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.abi.effective import Effective
    from machdesc.check.part.couple import Couple
    from machdesc.resolve.guest import Device, Guest

    Places = dict[tuple[int, str], float]

BOOT_INDEXES = ("bootindex", "bootindexA", "bootindexB")


def is_same_rank(
    old: Guest, new: Guest, sides: tuple[Effective | None, Effective | None], couples: list[Couple]
) -> bool:
    """Whether a boot index that is written on both sides says nothing new, since all devices that have one on
    both are in the same order."""
    if any(side is None or side.value == -1 for side in sides):
        return False
    blocks = (*old.description.all("global"), *new.description.all("global"))
    if any(item.name in BOOT_INDEXES for block in blocks for item in block.properties):
        return False
    before: Places = {}
    after: Places = {}
    for number, (mine, theirs) in enumerate(couples):
        _add(before, number, mine)
        _add(after, number, theirs)
    both = before.keys() & after.keys()
    orders = [sorted(both, key=lambda place: (side[place], place)) for side in (before, after)]
    return orders[0] == orders[1] and len(set(after.values())) == len(after)


def _add(places: Places, number: int, device: Device) -> None:
    items = properties_of(device.statement)
    for name in BOOT_INDEXES:
        value = items[name].value if name in items else None
        if isinstance(value, Number) and value.value >= 0:
            places[number, name] = value.value
