"""Identities: an id for each device that has none, so that `check` and people can name it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

_PREFIXES, _SUFFIXES = ("virtio-",), ("-pci", "-device")


def new_ids(guest: Guest) -> dict[int, str]:
    """Ids for devices without one, by their number: `net0` for the first `virtio-net-pci`.

    None of them is the name of anything else in the description, or of a bus.
    """
    description = guest.description
    used = {s.id.text for s in (*description.statements, *description.host) if s.id is not None}
    used |= set(guest.buses)
    ids: dict[int, str] = {}
    counts: dict[str, int] = {}
    for number, device in enumerate(guest.devices):
        if device.id or device.type is None:
            continue
        word = stem(device.type.name)
        count = counts.get(word, 0)
        while f"{word}{count}" in used:
            count += 1
        ids[number] = f"{word}{count}"
        counts[word] = count + 1
        used.add(ids[number])
    return ids


def stem(type: str) -> str:
    """What an id of a type begins with."""
    word = type
    for prefix in _PREFIXES:
        word = word.removeprefix(prefix)
    for suffix in _SUFFIXES:
        word = word.removesuffix(suffix)
    word = word if word and word[0].isalpha() else type
    return f"{word}-" if word[-1].isdigit() else word
