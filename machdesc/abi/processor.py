"""Processors: which version of a CPU model a guest has, and the properties of its CPUs.

A model without a version means version 1 under every machine type of a PC, and the latest that
the release knows under microvm (`default_cpu_version` in hw/i386/pc_q35.c and pc_piix.c,
CPU_VERSION_LATEST in hw/i386/microvm.c; `x86_cpu_model_resolve_version` in target/i386/cpu.c). PCs
before 4.1 ask for no version at all, by which nothing is added to version 1.
"""

from __future__ import annotations

from machdesc.abi.change import standing_changes
from machdesc.abi.effective import DEFAULT, DERIVED, UNKNOWN, WRITTEN, Effective, said_globally, unwritten
from machdesc.abi.makeup import makeup_of
from machdesc.abi.standing import machine_standing
from machdesc.resolve.block import TOPOLOGY
from machdesc.schema.validate import json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.resolve.guest import Guest

HOST_MODELS = ("host", "max")
"""Models that are what the host's processor, or the accelerator, can do."""


def cpu_model(guest: Guest) -> Effective:
    """The CPU model with its version, such as `Skylake-Server-v1`, under the name `model`.

    A model that has no versions, such as `host`, is its plain name.
    """
    name, origin, detail, span = guest.cpu_name, WRITTEN, "in `cpu`", None
    statement = guest.description.one("cpu")
    if statement is not None and statement.head is not None:
        span = (statement.version or statement.head).span
    if not name and guest.machine is not None:
        default = guest.machine.facts(guest.release).default_cpu
        name, origin = default.removesuffix(f"-{guest.catalog.arch}-cpu"), DEFAULT
        detail, span = f"default of {guest.machine_name} in QEMU {guest.release}", None
    known = guest.catalog.cpu_model(name, guest.release)
    if known is None:
        return Effective("model", None, UNKNOWN, f"QEMU {guest.release} does not know the CPU model", span)
    if not known.alias_of:
        return Effective("model", name, origin, detail, span)
    if known.alias_of == f"{name}-v1" and guest.machine_name == "microvm" and known.versions:
        latest = f"{name}-v{known.versions[-1]}"
        return Effective("model", latest, DERIVED, f"the latest version that QEMU {guest.release} has", span)
    return Effective("model", known.alias_of, DERIVED, f"what {name} means under {guest.machine_name}", span)


def cpu_type(guest: Guest) -> str:
    """The QOM type of the guest's CPUs, such as `Skylake-Server-x86_64-cpu`."""
    if not guest.cpu_name and guest.machine is not None:
        return guest.machine.facts(guest.release).default_cpu
    return f"{guest.cpu_name}-{guest.catalog.arch}-cpu"


def cpu_effective(guest: Guest, name: str) -> Effective:
    """The effective value of one property of the CPUs.

    Feature flags that nobody writes are unknown here: the model decides them, see `cpu_model`.

    :raises KeyError: when the release knows no such property.
    """
    type = cpu_type(guest)
    makeup = makeup_of(guest.catalog, guest.release, type)
    known = makeup.property(name)
    statement = guest.description.one("cpu")
    for item in statement.properties if statement is not None else ():
        if item.name == name:
            return Effective(name, json_value(known, item.value), WRITTEN, "in `cpu`", item.span)
    found = said_globally(guest, makeup, name) or unwritten(machine_standing(guest), type, name)
    if found.origin == UNKNOWN and known is not None and known.default is None:
        model = cpu_model(guest).value
        who = "the host decides" if model in HOST_MODELS else f"the CPU model {model} decides"
        return found._replace(detail=who)
    return found


def cpu_values(guest: Guest) -> Mapping[str, Effective]:
    """All properties of the CPUs, by name."""
    names = makeup_of(guest.catalog, guest.release, cpu_type(guest)).names()
    return {name: cpu_effective(guest, name) for name in names if name not in TOPOLOGY}


def cpu_changed_names(old: Guest, new: Guest) -> tuple[str, ...]:
    """The properties of CPUs that the machine types of two guests, or their releases, set otherwise.

    The models are taken to be the same; `cpu_model` tells whether they are.
    """
    before, after = machine_standing(old), machine_standing(new)
    return () if before == after else standing_changes(cpu_type(new), before, after)
