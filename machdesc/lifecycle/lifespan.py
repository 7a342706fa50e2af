"""Lifespans: in which releases of QEMU a versioned machine type is deprecated, and from which on deleted.

The rule is that of include/hw/boards.h (10.0: MACHINE_VER_DEPRECATION_MAJOR, MACHINE_VER_DELETION_MAJOR,
_MACHINE_VER_IS_EXPIRED_IMPL; docs/about/deprecated.rst), as formal releases apply it: a machine type of
version M.N is deprecated from release M+3.N on and deleted from M+6.N on, where a third number counts
nothing. QEMU has it since 9.1 and deletes by it since 10.1 (MACHINE_VER_DELETION in 10.0). What a known
release has, or calls deprecated, the catalog tells; vendors have rules of their own.
"""

from __future__ import annotations

from machdesc.backend.release import at_least
from machdesc.catalog.version import number_of
from machdesc.record import Record
from machdesc.target import release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog

_DEPRECATION_MAJOR, _DELETION_MAJOR = 3, 6
_FIRST_DEPRECATION, _FIRST_DELETION = "9.1", "10.1"


class Lifespan(Record):
    """From which release on a version is deprecated, and from which on it is deleted."""

    deprecated: str
    deleted: str


def lifespan(version: str) -> Lifespan | None:
    """The lifespan of an ABI version by QEMU's rule; None for one that is not QEMU's own."""
    plain = release_of(version)
    if not plain:
        return None
    major, _, minor = plain.partition(".")
    deprecated = f"{number_of(major) + _DEPRECATION_MAJOR}.{minor}"
    deleted = f"{number_of(major) + _DELETION_MAJOR}.{minor}"
    return Lifespan(_later(deprecated, _FIRST_DEPRECATION), _later(deleted, _FIRST_DELETION))


def exists(catalog: Catalog, machine: str, release: str) -> bool | None:
    """Whether a release has a machine type that the catalog knows: by the catalog, or by the rule where
    that does not know the release; None when neither tells."""
    known = catalog.machine(machine)
    if known is None:
        return None
    if release in catalog.releases:
        return release in known.releases
    span = lifespan(machine.removeprefix(f"{known.family}-"))
    if span is None or not at_least(release, known.releases[0]):
        return None
    return not at_least(release, span.deleted)


def is_deprecated(catalog: Catalog, machine: str, release: str) -> bool:
    """Whether a release that has a machine type calls it deprecated, by the catalog or by the rule."""
    known = catalog.machine(machine)
    if known is None:
        return False
    if release in known.releases:
        return known.facts(release).deprecated
    span = lifespan(machine.removeprefix(f"{known.family}-"))
    return release not in catalog.releases and span is not None and at_least(release, span.deprecated)


def _later(release: str, other: str) -> str:
    return release if at_least(release, other) else other
