"""Comparison of one pair: both descriptions are read and resolved, then the rules look at them.

After this phase: an `Outcome`. Whatever is wrong with one of the two is in it as diagnostics.
"""

from __future__ import annotations

from machdesc.check.outcome import BASE, COMPARED, FAILED, FOREIGN, NEW, REMOVED, Outcome, Side
from machdesc.check.pair import Pair, Place
from machdesc.diagnostic import Diagnostic, file_error, has_errors
from machdesc.library import resolve_description
from machdesc.model.load import is_raw_name, load_source, not_machdesc
from machdesc.record import Record
from machdesc.source import Source, UnreadableSource
from machdesc.target import default_release, known_machine, newest_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machdesc.catalog.catalog import Catalog
    from machdesc.check.finding import Finding
    from machdesc.model.guest import Description
    from machdesc.resolve.guest import Guest


class Terms(Record):
    """On which terms pairs are compared.

    The catalogs and the releases of both sides (None: the newest that has both machine types),
    the folders that includes may lie in besides, the rules, and folders of machine types of the
    user's own.
    """

    old: tuple[Catalog, str | None]
    new: tuple[Catalog, str | None]
    allowed: tuple[str, ...]
    check: Callable[[Guest, Guest], list[Finding]]
    machine_types: tuple[str, ...] = ()


class _Read(Record):
    """A description that was read; or why there is none: FOREIGN, BASE, FAILED, empty for none. The name of
    the machine type that it describes, if it does."""

    description: Description | None
    diagnostics: list[Diagnostic]
    lack: str = ""
    machine_type: str = ""


def compare_pair(pair: Pair, terms: Terms) -> Outcome:
    """What comes of a pair; its status is FOREIGN or BASE when it is to be passed over."""
    old_text, new_text = _text(pair.old), _text(pair.new)
    new = _read(new_text, pair.new, terms)
    old = new if _is_same(old_text, new_text, pair, terms) else _read(old_text, pair.old, terms, True)
    outcome = _compare_read(pair, old, new, terms)
    latest = new if pair.new is not None else old
    if latest.machine_type:
        return outcome._replace(machine_type=latest.machine_type)
    if latest.description is None or latest.description.one("guest") is not None:
        return outcome
    return outcome._replace(nameless=True)


def lost_pair(pair: Pair, why: str) -> Outcome:
    """What stands in the place of a pair whose comparison came to nothing; `why` ends a sentence."""
    place = pair.new or pair.old
    name = place.name if place is not None else ""
    lost = file_error("not-compared", f"was not compared: {why}", name, "try it alone, or with --jobs 1")
    return Outcome(FAILED, _side(pair.old, ""), _side(pair.new, ""), diagnostics=(lost,))


def _compare_read(pair: Pair, old: _Read, new: _Read, terms: Terms) -> Outcome:
    """The same for descriptions that were read."""
    sides = _side(pair.old, ""), _side(pair.new, "")
    diagnostics = [*old.diagnostics, *(new.diagnostics if new is not old else ())]
    if pair.named and (old.lack or new.lack):
        diagnostics += [*_amiss(pair.old, old), *_amiss(pair.new, new)]
    if has_errors(diagnostics):
        return Outcome(FAILED, *sides, diagnostics=tuple(diagnostics))
    if old.description is None and new.description is None:
        return Outcome(BASE if BASE in (old.lack, new.lack) else FOREIGN, *sides)
    if old.description is None:
        return Outcome(NEW, None, sides[1])
    if new.description is None:
        return Outcome(REMOVED, sides[0], None)
    kinds = [side.description.is_machine_type for side in (old, new) if side.description is not None]
    if kinds == [True, True]:
        return _compare_machine_types(pair, old.description, new.description, terms)
    if any(kinds):
        place = pair.old if kinds[0] else pair.new
        name = place.name if place is not None else ""
        mixed = file_error("not-a-guest", "describes a machine type, and the other one a guest", name)
        return Outcome(FAILED, *sides, diagnostics=(mixed,))
    return _compare(pair, old.description, new.description, terms)


def _compare_machine_types(pair: Pair, old: Description, new: Description, terms: Terms) -> Outcome:
    """What comes of two machine types of the user's own."""
    from machdesc.check.machine_type import bare_guest, compare_machine_types

    old_release, new_release = choose_releases(old, new, terms)
    sides = _side(pair.old, old_release), _side(pair.new, new_release)
    old_guest, diagnostics = bare_guest(old, terms.old[0], old_release, terms.machine_types)
    if new is old and pair.old is not None and pair.old != pair.new:
        # The texts are the same; the machine types that they follow may not be.
        again = load_source(pair.old.files.read(pair.old.name), terms.allowed, pair.old.files)[0]
        old_guest, diagnostics = bare_guest(again or old, terms.old[0], old_release, terms.machine_types)
    new_guest, more = bare_guest(new, terms.new[0], new_release, terms.machine_types)
    diagnostics += more
    if old_guest is None or new_guest is None or has_errors(diagnostics):
        return Outcome(FAILED, *sides, diagnostics=tuple(diagnostics))
    return Outcome(COMPARED, *sides, tuple(compare_machine_types(old_guest, new_guest)))


def _compare(pair: Pair, old: Description, new: Description, terms: Terms) -> Outcome:
    """What comes of two descriptions of guests."""
    old_release, new_release = choose_releases(old, new, terms)
    sides = _side(pair.old, old_release), _side(pair.new, new_release)
    folders = terms.machine_types
    old_guest, diagnostics = resolve_description(
        old, old_release, terms.old[0], machine_types=folders, starting=False
    )
    if new is old and old_guest.variants and pair.old is not None and pair.old != pair.new:
        # The texts are the same; the machine types of the user's own that they name may not be.
        again = load_source(pair.old.files.read(pair.old.name), terms.allowed, pair.old.files)[0]
        return _compare(pair, again or old, new, terms)
    new_guest = old_guest
    if new is not old or terms.new != terms.old:
        new_guest, more = resolve_description(
            new, new_release, terms.new[0], machine_types=folders, starting=False
        )
        diagnostics = [*diagnostics, *more]
    if has_errors(diagnostics):
        other = _other_terms(old, new, diagnostics, terms)
        if other is not None:
            return _compare(pair, old, new, other)
        return Outcome(FAILED, *sides, diagnostics=tuple(diagnostics))
    findings = terms.check(old_guest, new_guest)
    if not new.all("ignore"):
        return Outcome(COMPARED, *sides, tuple(findings))
    from datetime import date

    from machdesc.check.ignore import apply_ignores, expired_findings
    from machdesc.model.ignore import parse_ignores

    ignores, _ = parse_ignores(new)
    today = date.today().isoformat()
    kept, ignored, used = apply_ignores(findings, ignores, today)
    kept += expired_findings(ignores, today)
    return Outcome(COMPARED, *sides, tuple(kept), tuple(ignored), (), tuple(ignores), tuple(used))


def _other_terms(
    old: Description, new: Description, diagnostics: list[Diagnostic], terms: Terms
) -> Terms | None:
    """The terms with a catalog of the user's own, when that knows a machine type which the shipped one does
    not; else None."""
    unknown = any(diagnostic.code == "unknown-machine-version" for diagnostic in diagnostics)
    if not unknown or terms.old != terms.new or terms.new[1] is not None:
        return None
    catalog = terms.new[0]
    for side in (new, old):
        catalog, _ = newest_target(side, catalog, terms.machine_types)
    if catalog is terms.new[0]:
        return None
    return terms._replace(old=(catalog, None), new=(catalog, None))


def _text(place: Place | None) -> Source | Diagnostic | None:
    """The text at a place, or why it cannot be read."""
    if place is None:
        return None
    try:
        return place.files.read(place.name, inherited=True)
    except UnreadableSource as unreadable:
        return file_error("unreadable", str(unreadable), place.name)


def _is_same(
    old: Source | Diagnostic | None, new: Source | Diagnostic | None, pair: Pair, terms: Terms
) -> bool:
    """Whether both sides are sure to be one description, which is then read once.

    Most files of a repository are as they were; those that include others may still differ.
    """
    if pair.old == pair.new:
        return True
    if not isinstance(old, Source) or not isinstance(new, Source) or terms.old != terms.new:
        return False
    return old.text == new.text and "include" not in new.text


def _read(
    source: Source | Diagnostic | None, place: Place | None, terms: Terms, is_old: bool = False
) -> _Read:
    """Reads the description of a text. What is wrong with settings that an old one does not need, or with
    its suffix, is no matter any more."""
    if source is None or place is None:
        return _Read(None, [])
    if isinstance(source, Diagnostic):
        return _Read(None, [source], FAILED)
    if not source.regions:
        if is_raw_name(source.name) and not is_old:
            return _Read(None, [not_machdesc(source.name)], FAILED)
        return _Read(None, [], FOREIGN)
    description, diagnostics = load_source(source, terms.allowed, place.files, settings=not is_old)
    machine_type = _machine_type(description)
    if description is not None and not has_errors(diagnostics):
        keywords = {statement.keyword for statement in description.statements}
        if not {"guest", "machine"} & keywords and not _is_own_type(machine_type, terms):
            return _Read(None, diagnostics, BASE, machine_type)
    return _Read(description, diagnostics, "", machine_type)


def _machine_type(description: Description | None) -> str:
    """The name of the machine type that a description describes; empty when it does not."""
    statement = description.one("machine-type") if description is not None else None
    return statement.head.text if statement is not None and statement.head is not None else ""


def _is_own_type(name: str, terms: Terms) -> bool:
    """Whether a name is that of a machine type that is none of QEMU's."""
    return bool(name) and terms.new[0].machine(name) is None


def _amiss(place: Place | None, read: _Read) -> list[Diagnostic]:
    """What is said of a file that was named and does not describe a guest."""
    name = place.name if place is not None else ""
    if read.lack == FOREIGN:
        return [not_machdesc(name)]
    if read.lack == BASE:
        return [file_error("not-a-guest", "describes no guest, but a base or a machine type", name)]
    return []


def _side(place: Place | None, release: str) -> Side | None:
    if place is None:
        return None
    return Side(place.name, place.path, place.revision, release)


def choose_releases(old: Description, new: Description, terms: Terms) -> tuple[str, str]:
    """The releases of both sides. Where none is asked for, it is one for both: the older of the
    newest that have their machine types, if it has both."""
    (old_catalog, old_release), (new_catalog, new_release) = terms.old, terms.new
    old_own = old_release or default_release(old, old_catalog, terms.machine_types)
    new_own = new_release or default_release(new, new_catalog, terms.machine_types)
    if old_own == new_own or old_release or new_release or old_catalog is not new_catalog:
        return old_own, new_own
    order = old_catalog.releases.index
    older, other = (old_own, new) if order(old_own) < order(new_own) else (new_own, old)
    if older in _machine_releases(other, old_catalog, terms):
        return older, older
    return old_own, new_own


def _machine_releases(description: Description, catalog: Catalog, terms: Terms) -> tuple[str, ...]:
    """The releases that have a description's machine type."""
    machine = known_machine(description, catalog, terms.machine_types)
    return machine.releases if machine is not None else catalog.releases
