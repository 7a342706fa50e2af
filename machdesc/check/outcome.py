"""Outcomes: what came of comparing one pair of descriptions, and of all pairs of a run."""

from __future__ import annotations

from machdesc.check.finding import CONTRACTS, Finding, violates
from machdesc.diagnostic import has_errors
from machdesc.model.file import plain_name
from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.diagnostic import Diagnostic
    from machdesc.model.ignore import Ignore
    from machdesc.syntax.tree import Span

COMPARED, NEW, REMOVED, FAILED = "compared", "new", "removed", "failed"
"""What can come of a pair: it was compared, one of the two is not there, or it could not be."""

FOREIGN, BASE = "foreign", "base"
"""Why a pair was passed over: no machdesc text, or none that describes a guest."""

KEPT, BROKEN, UNDECIDED, NOTHING = "kept", "broken", "undecided", "nothing"
"""What a comparison says of the contract that is required; one that FAILED says nothing of it. NOTHING: no
two descriptions were compared, since there is only one side, or no description at all."""


_ABOUT_IGNORES = ("MD901", "MD902")
"""The findings that break no contract, but count as broken when a run is strict."""


class Side(Record):
    """One of the two descriptions of a pair.

    `name` is what messages call it, such as `HEAD:guests/web01.md`, `path` that of its file,
    in a version of git from the top of the repository. `revision` is the commit that it is
    read from, empty for a file on the disk, `release` that of QEMU, empty when none was found.
    """

    name: str
    path: str
    revision: str
    release: str


class Ignored(Record):
    """A finding that the new description says to ignore, why, until when, and where it says so."""

    finding: Finding
    reason: str
    until: str
    span: Span


class Outcome(Record):
    """What came of one pair; `old` is None for a new description, `new` for one that is removed.

    `diagnostics` are those on account of which it could not be compared. `ignores` are all that
    the new description holds, `used` those that ignored something. `nameless` means that the new
    description names no guest, as one does that is there for others to include; `machine_type` is the
    name of the machine type that it describes. Where there is no new one, both are about the old.
    """

    status: str
    old: Side | None
    new: Side | None
    findings: tuple[Finding, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    used: tuple[Ignore, ...] = ()
    nameless: bool = False
    machine_type: str = ""

    @property
    def name(self) -> str:
        """The name of the new description, or of the old one where that is all there is."""
        side = self.new or self.old
        return side.name if side is not None else ""


class Report(Record):
    """All outcomes of a run, and the contract that it required.

    `strict` means that ignores which are unused or expired count as broken. `notes` are about no pair, but
    about the run: an error among them says that what was asked for could not be compared.
    """

    required: str
    outcomes: tuple[Outcome, ...]
    strict: bool = False
    notes: tuple[Diagnostic, ...] = ()

    def counts(self, finding: Finding) -> bool:
        """Whether a finding breaks what is required."""
        return violates(finding, self.required) or (self.strict and finding.code in _ABOUT_IGNORES)

    def breaking(self, outcome: Outcome) -> list[Finding]:
        """The findings that break the contract, those that cannot be decided last."""
        broken = [finding for finding in outcome.findings if self.counts(finding)]
        return sorted(broken, key=lambda finding: finding.undecided)

    def informing(self, outcome: Outcome) -> list[Finding]:
        """The findings that do not break it."""
        return [finding for finding in outcome.findings if not self.counts(finding)]

    def judge(self, outcome: Outcome) -> str:
        """Whether a pair keeps the contract, breaks it, leaves it UNDECIDED, has NOTHING to compare, or
        FAILED."""
        if outcome.status == FAILED:
            return FAILED
        if outcome.status != COMPARED:
            return NOTHING
        broken = self.breaking(outcome)
        if not broken:
            return KEPT
        return UNDECIDED if broken[0].undecided else BROKEN

    def verdict(self) -> str:
        """The worst of all outcomes: one that FAILED, BROKEN, UNDECIDED, KEPT; NOTHING where no pair was
        compared, so that KEPT always means that one was."""
        if has_errors(list(self.notes)):
            return FAILED
        verdicts = {self.judge(outcome) for outcome in self.outcomes}
        return next((worst for worst in (FAILED, BROKEN, UNDECIDED, KEPT) if worst in verdicts), NOTHING)


def exit_code(report: Report) -> int:
    """0: the contract is kept, or all is new or removed. 1: it is broken, or that cannot be decided. 2: a
    pair could not be compared, which says more than that another one broke it."""
    return {KEPT: 0, NOTHING: 0, BROKEN: 1, UNDECIDED: 1, FAILED: 2}[report.verdict()]


def broken_contracts(finding: Finding) -> tuple[str, ...]:
    """All contracts that a finding breaks, the strongest first."""
    return tuple(contract for contract in CONTRACTS if violates(finding, contract))


def summary(report: Report) -> str:
    """One sentence on all pairs."""
    outcomes = report.outcomes
    broken = [f for outcome in outcomes for f in report.breaking(outcome)]
    undecided = sum(finding.undecided for finding in broken)
    told = sum(len(report.informing(outcome)) for outcome in outcomes)
    ignored = sum(len(outcome.ignored) for outcome in outcomes)
    status = [outcome.status for outcome in outcomes]
    compared = count(status.count(COMPARED), "pair")
    if broken:
        certain = len(broken) - undecided
        parts = [count(certain, "difference")] if certain else []
        parts += [f"{undecided} that cannot be decided"] if undecided else []
        head = f"`{report.required}` is {'broken' if certain else 'not shown to be kept'}: "
        head += f"{', '.join(parts)}, in {compared}"
    elif FAILED in status:
        head = f"{compared} compared"
    elif COMPARED not in status:
        head = "warning: no descriptions compared"
    else:
        head = f"`{report.required}` is kept in {compared}"
    more = [
        (told, "for information"),
        (ignored, "ignored"),
        (status.count(NEW), "new"),
        (status.count(REMOVED), "removed"),
        (status.count(FAILED), "could not be checked"),
    ]
    return "; ".join([head, *(f"{number} {what}" for number, what in more if number)])


def source_path(name: str, side: Side | None) -> str:
    """The path of a file of a side, by the name that messages call it: a file in a commit is
    called `REVISION:PATH`."""
    return plain_name(name.removeprefix(_prefix(side)) if side is not None else name)


def side_of(name: str, outcome: Outcome) -> Side | None:
    """The side that a file belongs to, by the name that messages call it."""
    for side in (outcome.old, outcome.new):
        if side is not None and side.revision and name.startswith(_prefix(side)):
            return side
    return outcome.new or outcome.old


def _prefix(side: Side) -> str:
    """What stands before the paths of a side's files; empty for files on the disk."""
    return side.name.removesuffix(side.path) if side.revision else ""


def count(number: int, noun: str) -> str:
    """A number and its noun: `1 pair`, `2 pairs`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
