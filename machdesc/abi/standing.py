"""Standings: what decides the values that a description does not write.

A machine type carries a list of compat properties; a device under it has the values that they
set (hw/core/qdev.c: `device_post_init`), and else the defaults of the release. So the release
and the machine type of a device's ABI version decide them, and nothing else does but for what
QEMU derives.

Lists are told by QEMU 9.1 and later. What a release does not tell is taken from the nearest one
that does: older machine types of a family extend the list of the next newer one, so the list of a
machine type in a release is that of the release's newest, and then what each older one adds.
"""

from __future__ import annotations

from machdesc.catalog.version import is_numbered, version_key
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.catalog.catalog import Catalog
    from machdesc.model.variant import Variant
    from machdesc.resolve.guest import Device, Guest
    from machdesc.syntax.tree import Span

    Entry = tuple[str, str, str]


class Standing(Record):
    """A release and the machine type of an ABI version. Equal standings give equal values.

    `machine` is one of QEMU's, `chain` the variants of the user's own that lead from it to the one meant.
    """

    catalog: Catalog
    release: str
    machine: str
    chain: tuple[Variant, ...] = ()


class Link(Record):
    """What one machine type adds to the list of the next newer one, as `told` tells it.

    The entries are (driver, property, value), in QEMU's order: later ones win. None: no known
    release tells them. `spans` are their places where they are the user's own; `told` is then empty.
    """

    machine: str
    told: str
    entries: tuple[Entry, ...] | None
    spans: tuple[Span, ...] = ()


class Setting(Record):
    """What a list says of a property: the text, the driver that the entry names, its place in the
    whole list, the machine type and the release that tell it, and where it is written in a machine
    type of the user's own."""

    text: str
    driver: str
    place: int
    machine: str
    told: str
    span: Span | None = None


def device_standing(guest: Guest, device: Device) -> Standing:
    """The standing of a device: that of its machine, but at the device's own version."""
    if guest.machine is None or not device.version or guest.machine_name == guest.machine.family:
        return machine_standing(guest)
    name = version_machine(guest.machine.family, device.version)
    chain = guest.variants.get(name, ()) if guest.variants else ()
    return standing(guest.catalog, guest.release, chain[0].base.text if chain else name, chain)


def machine_standing(guest: Guest) -> Standing:
    """The standing of the machine and of its processors."""
    return standing(guest.catalog, guest.release, guest.machine_name, guest.chain)


def bare_standing(guest: Guest) -> Standing:
    """The standing of QEMU's machine type, without what a variant of it says: what QEMU does by itself."""
    return standing(guest.catalog, guest.release, guest.machine_name)


def standing(catalog: Catalog, release: str, machine: str, chain: tuple[Variant, ...] = ()) -> Standing:
    """The standing of a machine type in a release, and of variants that lead on from it.

    A version that is newer than the release is taken as the first release that has it shows it.
    """
    found = _standings.get((catalog, release, machine, chain))
    if found is None:
        own = release
        known = catalog.machine(machine)
        if known is not None and _newest(catalog, release, machine) != machine:
            own = known.releases[0]
        found = _standings[catalog, release, machine, chain] = Standing(catalog, own, machine, chain)
    return found


def within(catalog: Catalog, release: str, other: Standing) -> Standing:
    """A standing's machine type by a release's word; for one that is newer than the release, that of
    the newest that it has: its plain defaults."""
    return Standing(catalog, release, _newest(catalog, release, other.machine), other.chain)


def _newest(catalog: Catalog, release: str, machine: str) -> str:
    """A machine type, or the release's newest of the family when that is older."""
    known = catalog.machine(machine)
    if known is None or release in known.releases:
        return machine
    family = _family(catalog, known.family)
    newer = family[: family.index(machine)]
    if any(release in _releases(catalog, name) for name in newer):
        return machine
    return next((name for name in family if release in _releases(catalog, name)), machine)


def version_machine(family: str, version: str) -> str:
    """The machine type that a version of a device means in a family."""
    return f"{family}-{version}"


def family_members(catalog: Catalog, family: str) -> list[str]:
    """All known machine types of a family, newest first."""
    return _family(catalog, family)


def links(standing: Standing) -> tuple[Link, ...]:
    """The list of a standing, link by link, the newest machine type first."""
    found = _links.get(standing)
    if found is None:
        own = tuple(_own_link(variant) for variant in standing.chain)
        found = _links[standing] = (*_read_links(standing.catalog, standing.release, standing.machine), *own)
    return found


def _own_link(variant: Variant) -> Link:
    entries = tuple((entry.driver.text, entry.name, entry.text) for entry in variant.entries)
    return Link(variant.name.text, "", entries, tuple(entry.item.span for entry in variant.entries))


def untold(standing: Standing) -> str:
    """The machine type whose list no known release tells; empty when all is known."""
    return next((link.machine for link in links(standing) if link.entries is None), "")


def settings(standing: Standing, drivers: tuple[str, ...]) -> Mapping[str, Setting]:
    """What the list of a standing sets for a type, given by its name and those of its ancestors."""
    found = _settings.get((standing, drivers))
    if found is None:
        found = {}
        index = _index(standing)
        for driver in drivers:
            for name, setting in index.get(driver, ()):
                before = found.get(name)
                if before is None or before.place < setting.place:
                    found[name] = setting
        _settings[standing, drivers] = found
    return found


def _index(standing: Standing) -> dict[str, list[tuple[str, Setting]]]:
    """The list of a standing by driver."""
    index = _indexes.get(standing)
    if index is None:
        index = _indexes[standing] = {}
        place = 0
        for link in links(standing):
            for number, (driver, name, text) in enumerate(link.entries or ()):
                span = link.spans[number] if link.spans else None
                setting = Setting(text, driver, place, link.machine, link.told, span)
                index.setdefault(driver, []).append((name, setting))
                place += 1
    return index


def _read_links(catalog: Catalog, release: str, machine: str) -> tuple[Link, ...]:
    known = catalog.machine(machine)
    if known is None:
        return (Link(machine, "", None),)
    if machine != known.family and not is_numbered(machine):
        return _read_branch(catalog, release, machine)
    family = [name for name in _family(catalog, known.family) if is_numbered(name) or name == machine]
    end = family.index(machine)
    first = next((place for place in range(end) if release in _releases(catalog, family[place])), end)
    found = []
    for name in family[first : end + 1]:
        told, entries = _told(catalog, release, name)
        if told != release and name == family[first] and release in _releases(catalog, name):
            # The defaults of a release are those of its newest machine type.
            entries = ()
        found.append(Link(name, told, entries))
    return tuple(found)


def _read_branch(catalog: Catalog, release: str, machine: str) -> tuple[Link, ...]:
    """The links of a machine type whose version is a distribution's word: it has no place in the order of
    QEMU's own, but follows one of them, or another word."""
    told, entries = _told(catalog, release, machine)
    base = catalog.follows(machine, told) if told else ""
    return (*(_read_links(catalog, release, base) if base else ()), Link(machine, told, entries))


def _told(catalog: Catalog, release: str, machine: str) -> tuple[str, tuple[Entry, ...] | None]:
    """What a machine type adds, and who tells it: the release, or the nearest newer, or older, one."""
    order = catalog.releases
    here = order.index(release)
    for teller in (*order[here:], *reversed(order[:here])):
        entries = catalog.tails(teller).get(machine)
        if entries is not None:
            return teller, entries
    return "", None


def _releases(catalog: Catalog, machine: str) -> tuple[str, ...]:
    known = catalog.machine(machine)
    return known.releases if known is not None else ()


def _family(catalog: Catalog, family: str) -> list[str]:
    """All known machine types of a family, newest first."""
    found = _families.get((catalog, family))
    if found is None:
        names = [machine.name for machine in catalog.machines() if machine.family == family]
        found = _families[catalog, family] = sorted(names, key=_age, reverse=True)
    return found


def _age(machine: str) -> tuple[tuple[int, str], ...]:
    """A key by which machine types of a family stand oldest first."""
    return version_key(machine.rpartition("-")[2])


# What was found for one standing holds for all guests.
_standings: dict[tuple[Catalog, str, str, tuple[Variant, ...]], Standing] = {}
_links: dict[Standing, tuple[Link, ...]] = {}
_indexes: dict[Standing, dict[str, list[tuple[str, Setting]]]] = {}
_settings: dict[tuple[Standing, tuple[str, ...]], dict[str, Setting]] = {}
_families: dict[tuple[Catalog, str], list[str]] = {}
