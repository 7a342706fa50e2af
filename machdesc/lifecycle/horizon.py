"""The horizon: what keeps a guest from starting under a later release of QEMU, and the way out.

For a release that the catalog knows all that is wrong under it is told; for a younger one what QEMU's
rule about machine types says. The way out, `rebase`, is tried, and `check` says what it keeps.
"""

from __future__ import annotations

from machdesc.abi.standing import family_members, version_machine
from machdesc.backend.release import at_least
from machdesc.check.finding import violates
from machdesc.check.outcome import count
from machdesc.diagnostic import ERROR, WARNING, Diagnostic, warning
from machdesc.library import resolve_description
from machdesc.lifecycle.lifespan import exists, is_deprecated, lifespan
from machdesc.lifecycle.rebase import rebase
from machdesc.lifecycle.transition import resolve_old, terms_of
from machdesc.lifecycle.upgrade import MACHINE, machine_version
from machdesc.model.guest import Description
from machdesc.syntax.tree import Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog
    from machdesc.check.comparison import Terms
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Statement


def look_ahead(
    description: Description,
    release: str,
    catalog: Catalog,
    allowed: tuple[str, ...] = (),
    machine_types: tuple[str, ...] = (),
) -> list[Diagnostic]:
    """A warning for all that a later release does not have, or calls deprecated.

    Codes: beyond-horizon (the guest does not start), near-horizon (deprecated). A guest that has errors
    under the release that has its machine type is passed over.
    """
    terms = terms_of(catalog, None, allowed, machine_types)
    guest, _ = resolve_old(description, terms)
    if guest is None:
        return []
    there = exists(catalog, guest.machine_name, release)
    found = []
    if there is False or (there and is_deprecated(catalog, guest.machine_name, release)):
        target = _target(guest, release)
        way_out = _way_out(guest, release, target, terms)
        found.append(_machine(guest, release, bool(there), way_out))
        if there is False and not target:
            return found
        if there is False:
            description = _under(guest, target)
    return found + _others(guest, description, release, terms)


def _machine(guest: Guest, release: str, there: bool, way_out: str) -> Diagnostic:
    """What is said of the machine type."""
    name = guest.machine_name
    span = lifespan(machine_version(guest))
    known = release in guest.catalog.releases
    if there:
        message = f"QEMU {release} calls machine type `{name}` deprecated"
        message += f"; it is deleted from {span.deleted} on" if span is not None else ""
    else:
        message = f"QEMU {release} {'has' if known else 'will have'} no machine type `{name}` any more"
        message += (
            f"; it is deleted from {span.deleted} on" if span is not None and _is_by_rule(guest) else ""
        )
    statement = guest.description.one(MACHINE)
    assert statement is not None
    assert statement.head is not None
    place = (statement.head.span[0], (statement.version or statement.head).span[1], statement.head.span[2])
    code = "near-horizon" if there else "beyond-horizon"
    return warning(code, message, place, "", way_out)


def _is_by_rule(guest: Guest) -> bool:
    """Whether the known releases delete the machine type when the rule says; older ones went earlier."""
    span = lifespan(machine_version(guest))
    assert guest.machine is not None
    order = guest.catalog.releases
    after = order[order.index(guest.machine.releases[-1]) + 1 :]
    return span is not None and all(at_least(release, span.deleted) for release in after)


def _target(guest: Guest, release: str) -> str:
    """The newest version of the family that is known and that the release has, or will have; empty when
    there is none."""
    assert guest.machine is not None
    family = guest.machine.family
    for name in family_members(guest.catalog, family):
        if exists(guest.catalog, name, release):
            return name.removeprefix(f"{family}-")
    return ""


def _way_out(guest: Guest, release: str, target: str, terms: Terms) -> str:
    """What to do, as `check` finds it."""
    if not target:
        return f"no version of it is known that QEMU {release} has; harvest a younger QEMU"
    command = f"machdesc rebase {guest.description.source.name} --to {target}"
    transition, diagnostics = rebase(guest, target, terms)
    if transition is None:
        why = next((d.message for d in diagnostics if d.severity == ERROR), "")
        return f"version {target} is the newest there; {command} cannot keep the hardware, since {why}"
    versions = sorted({device.version for device in transition.new.devices})
    kept = f"{command} keeps its hardware, with {count(len(transition.new.devices), 'device')} at version "
    kept += ", ".join(versions) if versions else machine_version(guest)
    lost = [finding for finding in transition.findings if violates(finding, "cold")]
    if not lost:
        return f"{kept}: `check --require cold` finds nothing"
    told = "; ".join(f"{finding.subject}: {finding.message}" for finding in lost)
    return f"{kept}, but for what `check --require cold` finds: {told}"


def _under(guest: Guest, version: str) -> Description:
    """The description with another version of its machine, and all places as they are."""
    assert guest.machine is not None
    name = version_machine(guest.machine.family, version)

    def changed(statement: Statement) -> Statement:
        if statement.keyword != MACHINE or statement.head is None:
            return statement
        return statement._replace(head=Word(name, statement.head.span), version=None)

    own = guest.description
    return Description(own.source, tuple(map(changed, own.statements)), own.host, own.files)


def _others(guest: Guest, later: Description, release: str, terms: Terms) -> list[Diagnostic]:
    """What else is wrong with a guest under a known release and not under its own."""
    catalog, folders = guest.catalog, terms.machine_types
    if release not in catalog.releases:
        return []

    def told(description: Description, release: str) -> list[Diagnostic]:
        return resolve_description(description, release, catalog, machine_types=folders)[1]

    before = {(d.code, d.message) for d in told(guest.description, guest.release)}
    found = []
    for diagnostic in told(later, release):
        dying = diagnostic.code.startswith("deprecated-cpu")
        if diagnostic.severity == ERROR or (dying and (diagnostic.code, diagnostic.message) not in before):
            code = "beyond-horizon" if diagnostic.severity == ERROR else "near-horizon"
            found.append(diagnostic._replace(severity=WARNING, code=code))
    return found
