"""Changes: the properties of a type whose unwritten value differs between two standings.

Standings of one version in two releases are compared by what both releases know. What only one
knows is judged by its word alone: what it says that a version does where the property is not
set. So a property that is new in a release is no change as long as the machine type keeps it off;
and one that is gone is none if it had its default, which is what QEMU keeps when it removes one.
"""

from __future__ import annotations

from machdesc.abi.effective import unwritten
from machdesc.abi.makeup import makeup_of
from machdesc.abi.standing import Standing, device_standing, settings, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

_NONE: tuple[str, ...] = ()


def changed_names(
    old_device: Device, old_guest: Guest, new_device: Device, new_guest: Guest
) -> tuple[str, ...]:
    """The properties of a device whose unwritten value differs between its two standings.

    Both are of one type. What one of them writes is among them as well; what is derived from the
    guest is not.
    """
    if old_device.type is None or new_device.type is None:
        return _NONE
    old, new = device_standing(old_guest, old_device), device_standing(new_guest, new_device)
    if old is new or old == new:
        return _NONE
    return standing_changes(old_device.type.name, old, new)


def standing_changes(type: str, old: Standing, new: Standing) -> tuple[str, ...]:
    """The properties of a type whose unwritten value differs between two standings.

    What is unknown in both is not among them.
    """
    key = type, old, new
    found = _changes.get(key)
    if found is None:
        same_release = old.release == new.release and old.catalog is new.catalog
        names = _set_names(type, old, new) if same_release else _all_names(type, old, new)
        found = _changes[key] = tuple(name for name in names if _differs(type, name, old, new))
    return found


def _set_names(type: str, old: Standing, new: Standing) -> list[str]:
    """The properties that the lists of two standings in one release set otherwise."""
    makeup = makeup_of(old.catalog, old.release, type)
    own = makeup.own.properties
    names = dict.fromkeys(name for name in _named(old, new, makeup.own.drivers) if name in own)
    for part in makeup.parts:
        for name in _named(old, new, part.drivers):
            if name in own or name in part.properties:
                names[name if name in own else f"{part.type}.{name}"] = None
    for part in makeup.realized:
        for name in _named(old, new, part.drivers):
            if name in part.properties:
                names[f"{part.type}.{name}"] = None
    return list(names)


def _named(old: Standing, new: Standing, drivers: tuple[str, ...]) -> list[str]:
    """The properties that two lists set to different texts, or only one of them sets."""
    before, after = settings(old, drivers), settings(new, drivers)
    names = [n for n, setting in after.items() if n not in before or before[n].text != setting.text]
    return names + [name for name in before if name not in after]


def _all_names(type: str, old: Standing, new: Standing) -> list[str]:
    """The properties of a type in either of two releases."""
    sides = [makeup_of(side.catalog, side.release, type) for side in (old, new)]
    inner = [f"{part.type}.{name}" for side in sides for part in side.realized for name in part.properties]
    return list(dict.fromkeys([*(name for side in sides for name in side.names()), *inner]))


def _differs(type: str, name: str, old: Standing, new: Standing) -> bool:
    """Whether the value differs; where only one release has the property, by that one's word."""
    if not _has(old, type, name):
        old = within(new.catalog, new.release, old)
    elif not _has(new, type, name):
        new = within(old.catalog, old.release, new)
    if not _has(old, type, name) or not _has(new, type, name):
        return True
    return unwritten(old, type, name).value != unwritten(new, type, name).value


def _has(standing: Standing, type: str, name: str) -> bool:
    return makeup_of(standing.catalog, standing.release, type).property(name) is not None


_changes: dict[tuple[str, Standing, Standing], tuple[str, ...]] = {}
