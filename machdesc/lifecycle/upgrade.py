"""Upgrades: which versions of a guest are raised to another ABI version, and to what.

Versions are those of the machine, of devices that have one of their own, and of a CPU model that is
written with one. What is not raised keeps its version: when the machine is raised and a device that
follows it is not asked for, the device gets the machine's old version written out.
"""

from __future__ import annotations

import re

from machdesc.abi.standing import family_members, version_machine
from machdesc.backend.release import at_least
from machdesc.catalog.version import number_of
from machdesc.diagnostic import Diagnostic, did_you_mean, error
from machdesc.lifecycle.amendment import Amendment
from machdesc.lifecycle.transition import Transition, make_transition, terms_of
from machdesc.target import release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from machdesc.catalog.catalog import Catalog
    from machdesc.check.comparison import Terms
    from machdesc.resolve.guest import Device, Guest
    from machdesc.syntax.tree import Statement

MACHINE, CPU = "machine", "cpu"
"""What `only` calls the machine and the CPU model; devices have their ids."""

_versioned_model = re.compile(r"(.+)-v(\d+)").fullmatch


def upgrade(
    guest: Guest, version: str, terms: Terms | None = None, only: Sequence[str] = ()
) -> tuple[Transition | None, list[Diagnostic]]:
    """A guest and what it becomes when it, or only some of it, is raised to an ABI version; None when that
    has errors.

    Codes: unversioned-machine, unknown-machine-version, older-version, undefined-name, and all of
    resolving the result.
    """
    amendments, diagnostics = _amendments(guest, version, only)
    if diagnostics:
        return None, diagnostics
    return make_transition(guest.description, amendments, [], terms or terms_of(guest.catalog))


def _amendments(guest: Guest, version: str, only: Sequence[str]) -> tuple[list[Amendment], list[Diagnostic]]:
    statement = guest.description.one("machine")
    assert statement is not None
    assert guest.machine is not None
    diagnostics = check_version(guest, version, statement, not only or MACHINE in only)
    names = [device.id for device in guest.devices if device.id] + [MACHINE, CPU]
    for name in only:
        if name not in names:
            help = did_you_mean(name, names)
            diagnostics.append(
                error("undefined-name", f"no device `{name}` to upgrade", statement.span, "", help)
            )
    if diagnostics:
        return [], diagnostics
    amendments: list[Amendment] = []
    raised = (not only or MACHINE in only) and _is_newer(guest, version, machine_version(guest))
    if raised:
        amendments.append(machine_amendment(guest, statement, version))
    for device in guest.devices:
        target = _device_target(guest, device, version, only, raised)
        if target:
            amendments.append(Amendment(device.statement, version=target))
    cpu = guest.description.one("cpu")
    if cpu is not None and (CPU in only or (not only and _cpu_version(guest) >= 0)):
        amendments += _cpu(guest, cpu, version)
    return amendments, []


def check_version(
    guest: Guest, version: str, statement: Statement, of_machine: bool = True
) -> list[Diagnostic]:
    """What keeps a guest from having a version: its machine has none, or nobody knows the one, or the
    machine, if it is to have it, has a newer one."""
    assert guest.machine is not None
    family = guest.machine.family
    if guest.machine_name == family:
        message = f"machine type `{family}` has no versions"
        return [error("unversioned-machine", message, statement.span)]
    known = [name.removeprefix(f"{family}-") for name in family_members(guest.catalog, family)]
    if version not in known:
        name = version_machine(family, version)
        message = f"no known QEMU has machine type `{name}`"
        return [error("unknown-machine-version", message, statement.span, ", ".join(known))]
    own = machine_version(guest)
    if of_machine and version != own and not _is_newer(guest, version, own):
        message = f"version {version} is older than the machine's, {own}"
        return [error("older-version", message, statement.span, "", "name a newer one")]
    return []


def machine_version(guest: Guest) -> str:
    """The ABI version of a guest's machine."""
    assert guest.machine is not None
    return guest.machine_name.removeprefix(f"{guest.machine.family}-")


def machine_amendment(guest: Guest, statement: Statement, version: str) -> Amendment:
    """The machine at another version, in the form in which it is written."""
    assert statement.head is not None
    assert guest.machine is not None
    if statement.version is None:
        return Amendment(statement, head=version_machine(guest.machine.family, version))
    return Amendment(statement, version=version)


def _is_newer(guest: Guest, version: str, than: str) -> bool:
    """Whether a version is newer than another one; one of the user's own is as old as what it follows."""
    assert guest.machine is not None
    family = guest.machine.family
    order = family_members(guest.catalog, family)
    names = []
    for word in (version, than):
        name = version_machine(family, word)
        chain = guest.variants.get(name, ())
        names.append(chain[0].base.text if chain else name)
    return all(name in order for name in names) and order.index(names[0]) < order.index(names[1])


def _device_target(guest: Guest, device: Device, version: str, only: Sequence[str], raised: bool) -> str:
    """The version to write on a device; empty when nothing is to be written."""
    own = device.statement.version is not None
    if own and (not only or device.id in only):
        return version if _is_newer(guest, version, device.version) else ""
    if own or not only:
        return ""
    if device.id in only:
        return version if not raised and _is_newer(guest, version, device.version) else ""
    return device.version if raised else ""


def _cpu_version(guest: Guest) -> int:
    """The version that a CPU model is written with; -1 when there is none."""
    match = _versioned_model(guest.cpu_name)
    return number_of(match[2]) if match is not None else -1


def _cpu(guest: Guest, statement: Statement, version: str) -> list[Amendment]:
    """The CPU model at the newest version that is sure to be known at an ABI version."""
    number, newest = _cpu_version(guest), newest_cpu(guest, version)
    if newest <= max(number, 1):
        return []
    assert statement.head is not None
    match = _versioned_model(statement.head.text)
    if statement.version is None and match is not None:
        return [Amendment(statement, head=f"{match[1]}-v{newest}")]
    return [Amendment(statement, version=f"v{newest}")]


def newest_cpu(guest: Guest, version: str) -> int:
    """The newest version of a guest's CPU model that an ABI version is sure to know; -1 when the model has
    no versions there."""
    match = _versioned_model(guest.cpu_name)
    release = newest_release(guest.catalog, version)
    model = guest.catalog.cpu_model(match[1] if match is not None else guest.cpu_name, release)
    return model.versions[-1] if model is not None and model.versions else -1


def newest_release(catalog: Catalog, version: str) -> str:
    """The newest known release that is no newer than an ABI version: what it has, that version has as
    well. Empty where that cannot be told."""
    plain = release_of(version)
    return next((r for r in reversed(catalog.releases) if plain and at_least(plain, r)), "")
