"""Resolution of a whole description under one release of QEMU.

After this phase: every name of a type that the description uses is known to the catalog and
the release has it, every device has its bus and its address, or a diagnostic says what is
wrong. Whether the whole makes sense is the business of `machdesc.resolve.lint`.
"""

from __future__ import annotations

from machdesc.catalog.catalog import Catalog
from machdesc.diagnostic import Diagnostic, file_error
from machdesc.model.guest import Description
from machdesc.resolve.device import resolve_devices
from machdesc.resolve.guest import Guest
from machdesc.resolve.machine import resolve_cpu, resolve_machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.model.variant import Variant
    from machdesc.resolve.variant import Shelf

    Chain = tuple[Variant, ...]


def resolve(
    description: Description,
    catalog: Catalog,
    release: str,
    floating: str = "warning",
    machine_types: tuple[str, ...] = (),
) -> tuple[Guest, list[Diagnostic]]:
    """The guest that a description means under a release that the catalog knows.

    `floating` says what a machine without a version is: an "error", a "warning", or "allowed".
    `machine_types` are folders of machine types of the user's own.
    """
    diagnostics: list[Diagnostic] = []
    variants: dict[str, Chain] = {}
    unknown: set[str] = set()
    shelves: list[Shelf] = []

    def lookup(name: str) -> Chain | None:
        """The variants that lead to a machine type of the user's own, told once what is wrong with them."""
        if name in unknown:
            return None
        if name not in variants:
            from machdesc.resolve.variant import Shelf, find_variants

            if not shelves:
                shelves.append(Shelf(description.source.name, description.files, machine_types))
            found, more = find_variants(name, shelves[0], catalog)
            diagnostics.extend(more)
            if found is None:
                unknown.add(name)
                return None
            if found:
                from machdesc.resolve.entry import check_entries

                diagnostics.extend(check_entries(found, catalog, release))
            variants[name] = found
        return variants[name]

    chain: Chain = ()
    machine_statement = description.one("machine")
    machine_name, machine = "", None
    if machine_statement is not None:
        machine_name, machine, chain = resolve_machine(
            machine_statement, catalog, release, floating, diagnostics, lookup
        )
    else:
        diagnostics.append(
            file_error(
                "no-machine",
                "describes no machine",
                description.source.name,
                "write, for example, `machine q35 @ 9.2`",
            )
        )
    cpu_statement = description.one("cpu")
    cpu_name, cpu = "", None
    if cpu_statement is not None:
        cpu_name, cpu = resolve_cpu(cpu_statement, catalog, release, diagnostics)
    family = machine.family if machine is not None else ""
    # A machine type that is its whole family, such as microvm, has no versions.
    abi_name = chain[-1].name.text if chain else machine_name
    version = abi_name.removeprefix(family + "-") if machine_name != family or chain else ""
    devices, buses = resolve_devices(description, catalog, release, machine, version, diagnostics, lookup)
    schema = catalog.machine_schema(family) if family else None
    guest = Guest(
        *(description, catalog, release, machine_name, machine, schema, cpu_name, cpu, devices, buses),
        *(chain, variants),
    )
    return guest, diagnostics
