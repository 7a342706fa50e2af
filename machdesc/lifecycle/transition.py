"""Transitions: a description as it is and as its amendments make it, and what a guest notices of them.

The amended text itself is read, resolved and compared, so what is told is what `check` says of the
two texts.
"""

from __future__ import annotations

from machdesc.check.comparison import Terms, choose_releases
from machdesc.diagnostic import Diagnostic, has_errors
from machdesc.library import resolve_description
from machdesc.lifecycle.amendment import Amendment, amended
from machdesc.model.load import load_source
from machdesc.record import Record
from machdesc.target import default_release, known_machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog
    from machdesc.check.finding import Finding
    from machdesc.model.guest import Description
    from machdesc.resolve.guest import Guest
    from machdesc.source import Source


class Transition(Record):
    """Both guests, the text of the new one, and all that differs."""

    old: Guest
    new: Guest
    source: Source
    findings: tuple[Finding, ...]


def terms_of(
    catalog: Catalog,
    release: str | None = None,
    allowed: tuple[str, ...] = (),
    machine_types: tuple[str, ...] = (),
) -> Terms:
    """The terms on which a description is compared with what it becomes: both under one release, or
    where none is named the newest that has both machine types, else each under its newest."""
    from machdesc.check.compare import check_guests

    return Terms((catalog, release), (catalog, release), allowed, check_guests, machine_types)


def for_old(description: Description, terms: Terms) -> Terms:
    """The terms for a description that its release may no longer have: it is then looked at under the
    newest that has it, and only what it becomes under that release."""
    catalog, release = terms.old
    machine = known_machine(description, catalog, terms.machine_types)
    if release is None or machine is None or release in machine.releases:
        return terms
    order = catalog.releases.index
    is_gone = order(machine.releases[-1]) < order(release)
    return terms._replace(old=(catalog, machine.releases[-1])) if is_gone else terms


def resolve_old(description: Description, terms: Terms) -> tuple[Guest | None, list[Diagnostic]]:
    """The guest as it is; None when it has errors, or no machine type that is known."""
    catalog, release = terms.old
    release = release or default_release(description, catalog, terms.machine_types)
    guest, found = resolve_description(description, release, catalog, "error", terms.machine_types)
    return (None if guest.machine is None or has_errors(found) else guest), found


def make_transition(
    description: Description, amendments: list[Amendment], statements: list[str], terms: Terms
) -> tuple[Transition | None, list[Diagnostic]]:
    """What comes of amending a description; None when the result, or the old one, has errors."""
    source, diagnostics = amended(description, amendments, statements)
    changed, found = load_source(source, terms.allowed, description.files)
    diagnostics += found
    if changed is None or has_errors(diagnostics):
        return None, diagnostics
    old_release, new_release = choose_releases(description, changed, terms)
    folders = terms.machine_types
    old, found = resolve_description(description, old_release, terms.old[0], machine_types=folders)
    new, more = resolve_description(changed, new_release, terms.new[0], machine_types=folders)
    diagnostics += [d for d in (*found, *more) if d.severity == "error"]
    if has_errors(diagnostics):
        return None, diagnostics
    return Transition(old, new, source, tuple(terms.check(old, new))), diagnostics
