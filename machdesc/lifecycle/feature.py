"""Features: what a newer ABI version gives a guest, part by part, and what may be had by naming it.

What a version changes is what `check` finds between the guest and the same guest raised to that
version. Besides, a newer QEMU knows properties that the device's version does not; these are off, or
left to QEMU, until a description names them.
"""

from __future__ import annotations

from machdesc.backend.release import at_least
from machdesc.check.difference import Difference
from machdesc.check.part.couple import title
from machdesc.check.visible import contract
from machdesc.lifecycle.amendment import value_text
from machdesc.lifecycle.upgrade import CPU, MACHINE, machine_version, newest_cpu, newest_release
from machdesc.record import Record
from machdesc.target import release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog, DeviceType
    from machdesc.catalog.catalog import Property as Known
    from machdesc.check.finding import Finding
    from machdesc.lifecycle.transition import Transition
    from machdesc.resolve.guest import Guest


class Offer(Record):
    """A property that the newer version knows and the older does not, or a version of a CPU model:
    what to write to have it, and the value that it has where it is not written (empty: not told).

    `switches` says that it is one of a few words, not a number or a text.
    """

    name: str
    text: str
    unwritten: str
    switches: bool = True


class Part(Record):
    """The machine, the CPUs or a device: its name, its type, its old and its new version, what a
    guest notices of the new one, and what may be had besides."""

    subject: str
    type: str
    old: str
    new: str
    findings: tuple[Finding, ...]
    offers: tuple[Offer, ...]


def features(transition: Transition) -> list[Part]:
    """All parts of a guest, those too of which a newer version changes nothing."""
    old, new = transition.old, transition.new
    left: dict[str, list[Finding]] = {}
    for finding in transition.findings:
        left.setdefault(finding.subject, []).append(finding)
    assert old.machine is not None
    family = old.machine.family
    versions = [guest.abi_name.removeprefix(f"{family}-") for guest in (old, new)]
    own = Part(MACHINE, family, versions[0], versions[1], _taken(left, MACHINE), ())
    parts = [own._replace(offers=_new_properties(new, new.machine_schema, own))]
    if old.description.one(CPU) is not None or CPU in left:
        parts.append(Part(CPU, "", old.cpu_name, new.cpu_name, _taken(left, CPU), _cpu_offers(new)))
    for before, after in zip(old.devices, new.devices, strict=True):
        if after.type is not None:
            name, type = title(after), after.type.name
            part = Part(name, type, before.version, after.version, _taken(left, name), ())
            parts.append(part._replace(offers=_new_properties(new, after.type, part)))
    # What is told of anything else, such as memory.
    return parts + [Part(name, "", "", "", tuple(found), ()) for name, found in left.items()]


def _taken(left: dict[str, list[Finding]], subject: str) -> tuple[Finding, ...]:
    return tuple(left.pop(subject, ()))


def _cpu_offers(guest: Guest) -> tuple[Offer, ...]:
    """The newest version of a model that is written without one, which then means version 1."""
    statement = guest.description.one(CPU)
    model = guest.catalog.cpu_model(guest.cpu_name, guest.release)
    newest = newest_cpu(guest, machine_version(guest))
    if statement is None or statement.head is None or model is None or not model.alias_of or newest <= 1:
        return ()
    return (Offer("version", f"cpu {statement.head.text} @ v{newest}", model.alias_of),)


def _new_properties(guest: Guest, schema: DeviceType | None, part: Part) -> tuple[Offer, ...]:
    """The properties that the part's new version is sure to know and its old one sure not to, and of which
    no finding tells; the host's own are left out."""
    before, after = _knowing(guest.catalog, part.old), newest_release(guest.catalog, part.new)
    if schema is None or before not in schema.releases or after not in schema.releases:
        return ()
    known_now = schema.properties(guest.release)
    former, type = schema.properties(before), part.type if part.subject != MACHINE else MACHINE
    told = " ".join(finding.message for finding in part.findings)
    defaults = guest.machine.facts(guest.release).defaults if guest.machine and type == MACHINE else {}
    found = []
    for name in schema.properties(after):
        known = known_now.get(name)
        if known is None or name in former or name.startswith("x-") or f"`{name}`" in told:
            continue
        text = _wording(known, defaults.get(name, known.default))
        difference = Difference("", part.subject, "", "", "", None, None, "", type, name)
        if text and contract(difference, guest):
            unwritten = value_text(defaults.get(name, known.default))
            unwritten = "" if unwritten == "None" else unwritten
            found.append(Offer(name, f"{name} {text}", unwritten, known.kind in ("bool", "enum")))
    return tuple(found)


def _knowing(catalog: Catalog, version: str) -> str:
    """The oldest known release that has an ABI version: what it lacks, that version lacks as well. Empty
    where that cannot be told."""
    plain = release_of(version)
    return next((release for release in catalog.releases if plain and at_least(release, plain)), "")


def _wording(known: Known, unwritten: object) -> str:
    """What to write as the value to have a property; empty when it is there anyhow, or is no value that a
    description would write."""
    if known.kind == "bool":
        return "" if unwritten is True else "on"
    if known.kind == "enum":
        others = [word for word in known.enum if word != unwritten]
        return "" if unwritten == "on" else "on" if "on" in others else "|".join(others)
    if known.kind in ("int", "size", "number"):
        return "SIZE" if known.kind == "size" else "NUMBER"
    return '"TEXT"' if known.kind == "str" and not known.qemu.startswith("link<") else ""
