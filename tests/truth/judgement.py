"""Judges the verdict of `check` by what QEMU showed of a pair.

For the contract `live` the truth is that the guest sees the same and that the old state loads into the
new guest; for `cold` that it sees the same. Where no state can be saved, `live` cannot be judged, and the
pair is judged as for `cold`, and counted apart.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from machdesc.check.compare import check_guests
from machdesc.check.finding import Finding, violates
from machdesc.library import Compiled
from machdesc.live.blind import BLIND_SPOTS
from tests.truth.observation import compiled, digest
from tests.truth.record import Record, Shown

AGREES, MISS, FALSE_ALARM, UNDECIDED, BLIND, REFUSED, STALE = (
    "agrees", "miss", "false alarm", "undecided", "blind spot", "QEMU refuses", "to be tried again",
)  # fmt: skip
OUTCOMES = (AGREES, MISS, FALSE_ALARM, UNDECIDED, BLIND, REFUSED, STALE)

BLIND_RULES = (
    ("clock", "", "a reading passes over date and time"),
    ("section-order", "`slirp`", "trials put another back end in the place of a network of QEMU's own"),
)
"""Rules, and words of what they say, about what no reading and no state of a trial shows; and the reason."""

TOLD = "blind spots that no named one covers: QMP tells a difference of the same device or property"
UNREAD = "QEMU started, but the guest could not be read, so that the pair says nothing"
BY_SIGHT = "no state of the old guest can be saved: judged by what the guest sees alone"


class Trial(NamedTuple):
    """A record and how verdict and truth go together in it. `note` sets apart what an outcome lumps
    together: TOLD or UNREAD."""

    record: Record
    outcome: str
    findings: tuple[str, ...]
    note: str = ""
    by_sight: bool = False


@lru_cache(maxsize=64)
def _old_side(text: str, release: str) -> Compiled | None:
    return compiled(text, release)


def judge_record(record: Record, required: str = "live") -> Trial:
    """The verdict that `check` gives now, held against what QEMU showed when the record was made."""
    old, new = _old_side(record.old, record.release), compiled(record.new, record.release)
    if old is None or new is None:
        return Trial(record, STALE, ("it is no whole guest any more",))
    if (digest(old), digest(new)) != (record.old_command, record.new_command):
        return Trial(record, STALE, ("it compiles to another command line now",))
    findings = check_guests(old.guest, new.guest)
    told = tuple(f"{f.code} {f.subject}: {f.message}" for f in findings)
    if record.refused or record.unread:
        return Trial(record, REFUSED, told, UNREAD if record.unread else "")
    by_sight = required == "live" and record.loads is None
    outcome, note = _outcome(record, findings, "cold" if by_sight else required, old, new)
    return Trial(record, outcome, told, note, by_sight)


def _outcome(
    record: Record, findings: list[Finding], required: str, old: Compiled, new: Compiled
) -> tuple[str, str]:
    broken = [finding for finding in findings if violates(finding, required)]
    decided = [finding for finding in broken if not finding.undecided]
    same = not record.sees and (required != "live" or record.loads is not False)
    if not broken:
        return (AGREES if same else MISS), ""
    if not same:
        return (AGREES if decided else UNDECIDED), ""
    if not decided:
        return UNDECIDED, ""
    unnamed = [finding for finding in decided if not is_blind(finding, old, new)]
    if not unnamed:
        return BLIND, ""
    is_told = all(any(_is_of(shown, finding) for shown in record.shown) for finding in unnamed)
    return (BLIND, TOLD) if is_told else (FALSE_ALARM, "")


def is_blind(finding: Finding, old: Compiled, new: Compiled) -> bool:
    """Whether a finding is about what the reading of a guest cannot show."""
    type = _type(finding, old, new)
    if any(finding.name == rule and words in finding.message for rule, words, _ in BLIND_RULES):
        return True
    name = _property(finding)
    return any(fnmatchcase(type, spot.device) and fnmatchcase(name, spot.property) for spot in BLIND_SPOTS)


def _type(finding: Finding, old: Compiled, new: Compiled) -> str:
    device = new.guest.device(finding.subject) or old.guest.device(finding.subject)
    if finding.subject == "cpu":
        return f"any-{new.guest.catalog.arch}-cpu"
    return device.type.name if device is not None and device.type is not None else finding.subject


def _property(finding: Finding) -> str:
    """The property that a finding is about; a medium is what a drive names."""
    if finding.message.startswith("its medium"):
        return "drive"
    return finding.message.split("`")[1] if "`" in finding.message else ""


def _is_of(shown: Shown, finding: Finding) -> bool:
    """Whether QMP tells a difference of what a finding is about."""
    if not shown.told:
        return False
    group, words = shown.key[1], shown.key[2:]
    if group == "device":
        if finding.subject != shown.owner and finding.subject not in (shown.old, shown.new):
            return False
        name = _property(finding).rpartition(".")[2]
        return finding.name != "device-property" or words[-1] == name
    if group == "memory device":
        return words[0] == finding.subject
    if group == "ram block":
        return finding.name == "ram-block" or finding.subject in words[0]
    if group == "cpu":
        return finding.subject == "cpu"
    return finding.subject == group
