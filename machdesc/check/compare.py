"""Comparison of two resolved guests: finds what differs, and lets a rule judge each difference.

After this phase: a finding for everything that the guest notices or that keeps a saved state
from loading. The parts (`machdesc.check.part`) compare and judge nothing; the rules
(`machdesc.check.rule`, a folder each) judge, and are imported only when there is something to
judge, so that the pair which is the same costs nothing.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement
from machdesc.check.finding import Finding
from machdesc.check.part.device import compare_devices
from machdesc.check.part.value import same_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from machdesc.resolve.guest import Guest


def check_guests(old: Guest, new: Guest) -> list[Finding]:
    """All that a guest notices when `old` becomes `new`, in the order of a description's parts.

    Both are resolved, each under its own release (`machdesc.resolve_description`), and have no errors. A
    finding tells which contracts it breaks (`machdesc.violates`); what the new description says to ignore
    is among them. Nothing is raised.
    """
    return judge_all(compare(old, new), old, new) if old is not new else []


def judge_all(differences: list[Difference], old: Guest, new: Guest) -> list[Finding]:
    """The findings that the rules make of differences."""
    findings = []
    for difference in differences:
        rule = rule_module(difference.rule)
        judged = rule.judge(difference, old, new) if hasattr(rule, "judge") else Judgement(rule.BREAKS)
        judgements = judged if isinstance(judged, list) else [judged] if judged is not None else []
        if judgements:
            difference = _placed(difference, old, new)
        findings += [_finding(rule, difference, judgement) for judgement in judgements]
    return findings


def compare(old: Guest, new: Guest) -> list[Difference]:
    """All differences of two guests."""
    if _are_same_but_devices(old, new):
        # What is not needed is not even imported: most changes are those of a device.
        return list(compare_devices(old, new))
    from machdesc.check.part.accelerator import compare_accelerator
    from machdesc.check.part.block import compare_blocks
    from machdesc.check.part.drive import compare_drives
    from machdesc.check.part.machine import compare_machine
    from machdesc.check.part.memory import compare_memory
    from machdesc.check.part.onboard import compare_own_devices
    from machdesc.check.part.processor import compare_processors
    from machdesc.check.part.reach import compare_globals

    states: Iterable[Difference] = ()
    if (old.release, old.catalog) != (new.release, new.catalog):
        from machdesc.check.part.saved_state import compare_saved_states

        states = compare_saved_states(old, new)
    return [
        *compare_machine(old, new),
        *compare_own_devices(old, new),
        *states,
        *compare_processors(old, new),
        *compare_accelerator(old, new),
        *compare_memory(old, new),
        *compare_devices(old, new),
        *compare_drives(old, new),
        *compare_blocks(old, new),
        *compare_globals(old, new),
    ]


def _are_same_but_devices(old: Guest, new: Guest) -> bool:
    """Whether two guests have the same machine under the same QEMU, and all but the devices is written
    in the same characters, in the same order."""
    if (old.machine_name, old.release) != (new.machine_name, new.release) or old.catalog is not new.catalog:
        return False
    if old.chain != new.chain:
        return False
    mine, theirs = (
        [s for s in (*guest.description.statements, *guest.description.host) if s.keyword != "device"]
        for guest in (old, new)
    )
    return len(mine) == len(theirs) and all(map(same_text, mine, theirs))


def rule_module(name: str) -> ModuleType:
    """The rule of a folder's name, such as `pci-address`."""
    # `importlib` would bring in `warnings` and `re`.
    module: ModuleType = __import__(f"machdesc.check.rule.{name.replace('-', '_')}", fromlist=["CODE"])
    return module


def _placed(difference: Difference, old: Guest, new: Guest) -> Difference:
    """The difference with a place on both sides, if both have its subject."""
    if difference.old_span is not None and difference.new_span is not None:
        return difference
    from machdesc.check.subject import subject_span

    return difference._replace(
        old_span=difference.old_span or subject_span(old, difference.subject),
        new_span=difference.new_span or subject_span(new, difference.subject),
    )


def _finding(rule: ModuleType, difference: Difference, judged: Judgement) -> Finding:
    undecided = judged.undecided or bool(difference.doubt)
    message = judged.message or _message(difference)
    if difference.doubt:
        message = _doubtful(difference)
    texts = explained(rule)
    return Finding(
        rule.CODE,
        difference.rule,
        judged.breaks,
        undecided,
        difference.subject,
        message,
        difference.old,
        difference.new,
        difference.old_span,
        difference.new_span,
        texts.get("Why the guest notices", ""),
        texts.get("How to fix", ""),
    )


def _doubtful(difference: Difference) -> str:
    """What is said of a difference whose values, or whose effect, cannot be known."""
    if difference.old and difference.new and difference.old != difference.new:
        return f"{_message(difference)}; cannot decide what the guest sees of it, because {difference.doubt}"
    return f"cannot decide whether {difference.what} stays the same, because {difference.doubt}"


def _message(difference: Difference) -> str:
    if not difference.old:
        return f"{difference.what} is new: {difference.new}" if difference.new else difference.what
    if not difference.new:
        return f"{difference.what} is gone; it was {difference.old}"
    return f"{difference.what} changes from {difference.old} to {difference.new}"


def explained(rule: ModuleType) -> dict[str, str]:
    """The paragraphs of a rule's docstring that begin with a label, by the label."""
    found = _explained.get(rule.__name__)
    if found is None:
        found = _explained[rule.__name__] = {}
        for paragraph in (rule.__doc__ or "").split("\n\n"):
            label, colon, text = paragraph.strip().partition(": ")
            if colon and "\n" not in label:
                found[label] = " ".join(text.split())
    return found


_explained: dict[str, dict[str, str]] = {}
