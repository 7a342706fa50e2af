"""Entries of machine types of the user's own: are they properties of devices that QEMU knows?

What some known release has is right: a machine type holds for several of them, and what a release lacks
matters only to a guest that needs it.
"""

from __future__ import annotations

from machdesc.catalog.version import version_key
from machdesc.diagnostic import Diagnostic, Suggestion, error
from machdesc.resolve.variant import Shelf, chain_of, root_of
from machdesc.schema.validate import check_properties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.catalog.catalog import Catalog, DeviceType, Property
    from machdesc.model.guest import Description
    from machdesc.model.variant import Entry, Variant


def check_machine_type(
    description: Description, catalog: Catalog, release: str | None, machine_types: tuple[str, ...]
) -> list[Diagnostic]:
    """All that is wrong with the machine type that a description describes, by default by the newest
    release that has the one which it follows. Those that `harvest` wrote are QEMU's own word.

    Code: machine-type-taken, and those of `machdesc.resolve.variant`.
    """
    statement = description.one("machine-type")
    assert statement is not None
    assert statement.head is not None
    taken = catalog.machine(statement.head.text)
    if taken is not None:
        base = statement.base.text if statement.base is not None else ""
        order = [machine.name for machine in catalog.machines() if machine.family == taken.family]
        order.sort(key=lambda name: version_key(name.removeprefix(taken.family)))
        if not base or (base in order and order.index(base) > order.index(taken.name)):
            return []
        message = f"QEMU has a machine type `{taken.name}`, and would be asked for that"
        help = f"give yours a name of its own, such as `{taken.name}-acme`"
        return [error("machine-type-taken", message, statement.head.span, "", help)]
    shelf = Shelf(description.source.name, description.files, machine_types)
    chain, diagnostics = chain_of(description, shelf, catalog)
    if chain:
        diagnostics += check_entries(chain, catalog, release or root_of(chain, catalog).releases[-1])
    return [*shelf.diagnostics, *diagnostics]


def check_entries(chain: tuple[Variant, ...], catalog: Catalog, release: str) -> list[Diagnostic]:
    """All that is wrong with the entries of some variants, and with their properties of the machine.

    Codes: unknown-device-type, device-alias, and those of `machdesc.schema.validate`.
    """
    diagnostics: list[Diagnostic] = []
    schema = catalog.machine_schema(root_of(chain, catalog).family)
    for variant in chain:
        if schema is not None:
            diagnostics += check_properties(schema, release, variant.properties)
        refused: set[str] = set()
        for entry in variant.entries:
            driver = entry.driver.text
            if driver in refused:
                continue
            fault = _driver_fault(entry, catalog)
            if fault is not None:
                refused.add(driver)
                diagnostics.append(fault)
            else:
                diagnostics += _property_faults(entry, catalog, release)
    return diagnostics


def _driver_fault(entry: Entry, catalog: Catalog) -> Diagnostic | None:
    """What is wrong with the name of a type; None when it is one of devices in some release."""
    driver = entry.driver.text
    if any(_is_device(driver, catalog, release) for release in catalog.releases):
        return None
    for release in reversed(catalog.releases):
        target = catalog.device_alias(driver, release)
        if target:
            message = f"`{driver}` is an alias, which QEMU's lists do not take"
            return error("device-alias", message, entry.driver.span, "", f"write `{target}`")
    names = [name for release in catalog.releases for name in catalog.type_names(release)]
    if driver in names:
        message = f"`{driver}` is no type of devices"
        return error("unknown-device-type", message, entry.driver.span)
    names = [name for release in catalog.releases for name in catalog.heirs("device", release)]
    hint = Suggestion(driver, tuple(dict.fromkeys(names)))
    message = f"no known QEMU has a device type `{driver}`"
    return error("unknown-device-type", message, entry.driver.span, "", hint)


def _is_device(driver: str, catalog: Catalog, release: str) -> bool:
    return driver == "device" or "device" in catalog.ancestors(driver, release)


def _property_faults(entry: Entry, catalog: Catalog, release: str) -> list[Diagnostic]:
    """What is wrong with a property, by the type that has it in the release, else in the newest one."""
    order = (release, *(other for other in reversed(catalog.releases) if other != release))
    driver, known = entry.driver.text, dict[str, "Property"]()
    for other in order:
        owner = _owner(entry, catalog, other, known)
        if owner is not None:
            return check_properties(owner, other, (entry.item,))
    hint = Suggestion(entry.name, tuple(known))
    where = "" if catalog.device(driver) is not None else ", nor has any type that descends from it"
    message = f"no known QEMU has a property `{entry.name}` of `{driver}`{where}"
    return [error("unknown-property", message, entry.item.name_span, "", hint)]


def _owner(entry: Entry, catalog: Catalog, release: str, known: dict[str, Property]) -> DeviceType | None:
    """The type through which a release knows the property of an entry; adds to `known` what it knows
    instead. Of types that nobody can make, such as `pci-device`, QEMU tells the heirs' properties."""
    driver = entry.driver.text
    own = catalog.device(driver)
    if own is None and "cpu" in (driver, *catalog.ancestors(driver, release)):
        own = catalog.cpu_schema()
    owners = [own] if own is not None else map(catalog.device, catalog.heirs(driver, release))
    for owner in owners:
        properties: Mapping[str, Property] = owner.properties(release) if owner is not None else {}
        if entry.name in properties:
            return owner
        known.update(properties)
    return None
