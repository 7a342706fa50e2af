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


def resolve(
    description: Description, catalog: Catalog, release: str, floating: str = "warning"
) -> tuple[Guest, list[Diagnostic]]:
    """The guest that a description means under a release that the catalog knows.

    `floating` says what a machine without a version is: an "error", a "warning", or "allowed".
    """
    diagnostics: list[Diagnostic] = []
    machine_statement = description.one("machine")
    machine_name, machine = "", None
    if machine_statement is not None:
        machine_name, machine = resolve_machine(machine_statement, catalog, release, floating, diagnostics)
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
    version = machine_name.removeprefix(family + "-") if machine_name != family else ""
    devices, buses = resolve_devices(description, catalog, release, machine, version, diagnostics)
    schema = catalog.machine_schema(family) if family else None
    guest = Guest(description, catalog, release, machine_name, machine, schema, cpu_name, cpu, devices, buses)
    return guest, diagnostics
