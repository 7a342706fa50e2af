"""One trial: a description and a change of it, started both, and held against the verdict.

The truth is that the guest sees the same and that the old state loads into the new guest.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import NamedTuple

import machdesc
from machdesc.check.compare import check
from machdesc.check.finding import Finding, violates
from machdesc.library import Compiled
from machdesc.live.blind import BLIND_SPOTS
from machdesc.live.child import QemuFailure
from machdesc.live.guest import start_guest
from machdesc.live.harmless import replace_back_ends
from machdesc.live.process import Process
from machdesc.live.state import StateFailure, load_state, save_state
from machdesc.live.view import View, differences, read_view
from tests.live.binary import find_binary
from tests.live.sight import words
from tests.truth.mutation import MUTATIONS, WEIGHTS, Mutation, Subject

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
NOT_TAKEN = ("README.md", "passthrough.md", "management.md")
"""Pages without a guest, and one whose devices are the host's."""

AGREES, MISS, FALSE_ALARM, UNDECIDED, BLIND, REFUSED = (
    "agrees", "miss", "false alarm", "undecided", "blind spot", "QEMU refuses",
)  # fmt: skip
BLIND_RULES = {"clock": "a reading passes over date and time"}
"""Rules about what no reading shows, with the reason."""

OUTCOMES = (AGREES, MISS, FALSE_ALARM, UNDECIDED, BLIND, REFUSED)


TOLD = "blind spots on the word of QMP alone: it tells some difference, and no named spot covers the finding"
UNREAD = "QEMU started, but the guest could not be read, so that the pair says nothing"

_DRAWS, _READINGS = 500, 4


class Old(NamedTuple):
    """An example under a release: its text, what it resolves to, what its guest sees, its state
    (None when QEMU cannot save it)."""

    subject: Subject
    view: View
    state: Path | None


class Trial(NamedTuple):
    """What came of a change: how verdict and truth go together, and all to look into it.

    `note` sets apart what an outcome lumps together: TOLD among the blind spots, UNREAD among the refused.
    Without `has_state` no state of the example can be saved, so the truth is what the guest sees alone.
    """

    example: str
    kind: str
    outcome: str
    findings: tuple[str, ...]
    truth: tuple[str, ...]
    text: str
    note: str = ""
    has_state: bool = True


def compiled(text: str, release: str) -> Compiled | None:
    """A text compiled for a release; None when it is no whole guest."""
    description, diagnostics = machdesc.load_source(machdesc.source_of(text, "guest.md"))
    if description is None or machdesc.has_errors(diagnostics):
        return None
    return machdesc.compile(description, release)[0]


@contextlib.contextmanager
def started(guest: Compiled, release: str, *, incoming: bool = False) -> Iterator[Process]:
    """A paused guest with harmless back ends."""
    harmless = replace_back_ends(guest.options, EXAMPLES)
    with start_guest(words(find_binary(release)), harmless, incoming=incoming) as process:
        yield process


def read_new(guest: Compiled, release: str) -> View:
    """What a guest sees.

    The reader lets the processor run for a moment, which a busy host may not grant in time: a reading
    without CPUID would be a difference that is none, so it is done again.

    :raises machdesc.live.child.QemuFailure: when it does not start.
    :raises RuntimeError: when CPUID cannot be read at all.
    """
    for _ in range(_READINGS):
        with started(guest, release) as process:
            view = read_view(process)
        if _is_whole(view):
            return view
    raise RuntimeError("CPUID was not read")


def _is_whole(view: View) -> bool:
    return any(key[0] == "cpuid" for key in view)


def read_old(name: str, release: str, folder: Path) -> Old | None:
    """An example as it is before any change; None when it does not start here."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    guest = compiled(text, release)
    if guest is None:
        return None
    state: Path | None = Path(tempfile.mkstemp(dir=folder)[1])
    try:
        with started(guest, release) as process:
            try:
                assert state is not None
                save_state(process, state)
            except StateFailure:
                state = None
        # Another start: one that could not save may have ended (nvme behind a subsystem, on 11.1.3).
        view = read_new(guest, release)
        if state is not None:
            with started(guest, release, incoming=True) as process:
                load_state(process, state)
    except StateFailure:
        state = None
    except (QemuFailure, RuntimeError):
        return None
    return Old(Subject(text, guest.guest), view, state)


def mutate(
    random: Random, old: Old, release: str, mutations: Mapping[str, Mutation] = MUTATIONS
) -> tuple[str, str, Compiled] | None:
    """A change that is a whole guest again: its kind, the text, and what it compiles to.

    None when no change out of many draws is one.
    """
    kinds = list(mutations)
    weights = [WEIGHTS.get(kind, 1) for kind in kinds]
    for _ in range(_DRAWS):
        (kind,) = random.choices(kinds, weights)
        text = mutations[kind](random, old.subject)
        if text is None or text == old.subject.text:
            continue
        guest = compiled(text, release)
        if guest is not None:
            return kind, text, guest
    return None


def try_change(example: str, old: Old, kind: str, text: str, guest: Compiled, release: str) -> Trial:
    """Starts the changed guest and compares truth and verdict."""
    findings = check(old.subject.guest, guest.guest)
    told = tuple(f"{f.code} {f.subject}: {f.message}" for f in findings)
    loads, truth = True, []
    try:
        view = read_new(guest, release)
        if old.state is not None:
            with started(guest, release, incoming=True) as process:
                load_state(process, old.state)
    except StateFailure as failure:
        loads = False
        truth.append(f"does not load: {failure}"[:400])
    except QemuFailure as failure:
        return Trial(example, kind, REFUSED, told, (str(failure)[:400],), text)
    except RuntimeError as failure:
        # The reader raises it for what it cannot read, such as more buses than there are numbers.
        return Trial(example, kind, REFUSED, told, (str(failure)[:400],), text, UNREAD)
    seen = differences(old.view, view)
    only_told = differences(old.view, view, told=True)
    truth += [str(difference)[:200] for difference in (seen or only_told)[:8]]
    outcome = judge(findings, bool(seen), loads, bool(only_told), guest)
    named = all(is_blind(f, guest) for f in findings if violates(f, "live") and not f.undecided)
    note = TOLD if outcome == BLIND and not named else ""
    return Trial(example, kind, outcome, told, tuple(truth), text, note, old.state is not None)


def judge(findings: list[Finding], sees: bool, loads: bool, is_told: bool, guest: Compiled) -> str:
    """How verdict and truth go together."""
    broken = [finding for finding in findings if violates(finding, "live")]
    same = not sees and loads
    if not broken:
        return AGREES if same else MISS
    if not same:
        return AGREES if any(not finding.undecided for finding in broken) else UNDECIDED
    if all(finding.undecided for finding in broken):
        return UNDECIDED
    decided = [finding for finding in broken if not finding.undecided]
    return BLIND if is_told or all(is_blind(finding, guest) for finding in decided) else FALSE_ALARM


def is_blind(finding: Finding, guest: Compiled) -> bool:
    """Whether a finding is about what the reading of a guest cannot show."""
    device = guest.guest.device(finding.subject)
    type = device.type.name if device is not None and device.type is not None else finding.subject
    if finding.subject == "cpu":
        type = f"any-{guest.guest.catalog.arch}-cpu"
    if finding.name in BLIND_RULES:
        return True
    name = finding.message.split("`")[1] if "`" in finding.message else ""
    return any(fnmatchcase(type, spot.device) and fnmatchcase(name, spot.property) for spot in BLIND_SPOTS)
