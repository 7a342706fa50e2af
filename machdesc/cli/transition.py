"""What `features`, `upgrade` and `rebase` share: reading the guest, telling what it would notice, writing.

What is going to be written is shown as a diff on standard output, with what a guest notices of it.
"""

from __future__ import annotations

import re

from machdesc.check.finding import CONTRACTS, violates
from machdesc.check.outcome import broken_contracts, count
from machdesc.cli.output import flush, put
from machdesc.cli.report import add_color, add_includes, add_machine_types, add_target, report, target
from machdesc.cli.rewrite import add_rewriting, put_diff, rewrite
from machdesc.cli.table import aligned
from machdesc.diagnostic import ERROR, file_error, has_errors
from machdesc.lifecycle.feature import features
from machdesc.lifecycle.transition import for_old, resolve_old, terms_of
from machdesc.model.load import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from machdesc.check.comparison import Terms
    from machdesc.check.finding import Finding
    from machdesc.diagnostic import Diagnostic
    from machdesc.lifecycle.feature import Part
    from machdesc.lifecycle.transition import Transition
    from machdesc.resolve.guest import Guest


def read_guest(arguments: Namespace) -> tuple[Guest | None, Terms]:
    """The guest of the file that is named, and the terms of the options; None when it has errors, which
    are printed."""
    catalog, release = target(arguments)
    allowed = tuple(arguments.include_dir)
    terms = terms_of(catalog, release, allowed, tuple(arguments.machine_types))
    description, diagnostics = load(arguments.file, allowed)
    guest = None
    if description is not None and description.is_machine_type:
        message = "describes a machine type, not a guest"
        diagnostics = [*diagnostics, file_error("not-a-guest", message, arguments.file)]
    elif description is not None and not has_errors(diagnostics):
        terms = for_old(description, terms)
        guest, found = resolve_old(description, terms)
        diagnostics = [*diagnostics, *found]
    report_errors(diagnostics, arguments.color)
    return guest, terms


def report_errors(diagnostics: list[Diagnostic], color: str) -> bool:
    """Prints the errors among diagnostics; whether there are some."""
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == ERROR]
    report(errors, color)
    return bool(errors)


def guest_name(guest: Guest) -> str:
    """The name of a guest, or that of its file."""
    statement = guest.description.one("guest")
    return statement.id.text if statement is not None and statement.id else guest.description.source.name


def part_lines(parts: Sequence[Part], everything: bool) -> list[str]:
    """What is told of each part; those of which the same is told stand together unless `everything`."""
    groups: dict[object, list[Part]] = {}
    for part in parts:
        if part.findings or everything:
            told = tuple(_row(finding) for finding in part.findings)
            alike = part.subject if everything else (bool(part.type), part.old, part.new, told)
            groups.setdefault(alike, []).append(part)
    lines = []
    for group in groups.values():
        rows = [_row(finding) for finding in group[0].findings]
        rows = rows if everything else _joined(rows)
        lines += ["", _heading(group), *(aligned(rows, "  ") or ["  nothing that the guest notices"])]
    still = [part.subject for part in parts if not part.findings]
    if still and not everything:
        lines += ["", f"nothing that the guest notices: {', '.join(still)}"]
    return lines


def _joined(rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Rows about the machine's own devices in which the same is told of several of them, as one."""
    owners: dict[tuple[str, ...], list[str]] = {}
    for breaks, code, message in rows:
        match = _of_the_machine(message)
        key, owner = ((match[1], match[3]), match[2]) if match is not None else ((message,), "")
        owners.setdefault((breaks, code, *key), []).append(owner)
    return [
        (breaks, code, f"{', '.join(names)}".join(rest) if len(rest) > 1 else rest[0])
        for (breaks, code, *rest), names in owners.items()
    ]


_of_the_machine = re.compile(r"(`[^`]+` of its own )(`[^`]+`)( .*)").fullmatch
"""How `check` tells of a property of a device that the machine brings along."""


def rule_lines(findings: Sequence[Finding]) -> list[str]:
    """What a guest notices, once for each rule."""
    rules = {finding.code: finding for finding in findings}
    return [f"{code} {f.name}: {f.notices}" for code, f in sorted(rules.items())]


def verdict(findings: Sequence[Finding]) -> str:
    """What becomes of each contract, in one sentence."""
    if not findings:
        return "The guest notices nothing."
    told = []
    for contract in CONTRACTS:
        breaking = [finding for finding in findings if violates(finding, contract)]
        certain = any(not finding.undecided for finding in breaking)
        told.append(f"{contract} {'broken' if certain else 'undecided' if breaking else 'kept'}")
    return f"{count(len(findings), 'difference')}: {', '.join(told)}"


_SHOWN = 8
"""Names in a heading."""


def _heading(group: list[Part]) -> str:
    """What parts these are, and their versions."""
    part = group[0]
    versions = f"{part.old} → {part.new}" if part.old != part.new else part.new
    if part.subject in ("machine", "cpu"):
        return f"{part.subject} {part.type} {versions}".replace("  ", " ").rstrip()
    if not part.type:
        return part.subject
    names = [f"{one.subject} ({one.type})" for one in group] if len(group) < 3 else [p.subject for p in group]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}: {versions}"


def _row(finding: Finding) -> tuple[str, str, str]:
    """The weakest contract that is broken, the rule, and the message."""
    breaks = broken_contracts(finding)[-1:] or ("none",)
    return f"{breaks[0]}{'?' if finding.undecided else ''}", finding.code, finding.message


def add_writing(parser: ArgumentParser) -> None:
    """The options of a command that rewrites a description."""
    add_rewriting(parser)
    add_target(parser)
    add_includes(parser)
    add_machine_types(parser)
    add_color(parser)


def write_transition(transition: Transition, arguments: Namespace) -> int:
    """Shows what changes, writes it as the options say, and tells what it breaks; 1 when it cannot be
    written, or with `--check` when something would change."""
    old, text = transition.old.description.source, transition.source.text
    if not arguments.diff and not arguments.check:
        put_diff(old, text)
    changed, diagnostics = rewrite(old, text, arguments, "has other versions than asked for")
    findings = transition.findings
    told = [*part_lines(features(transition), False), "", *rule_lines(findings)] if findings else [""]
    put(*told, verdict(findings))
    flush()
    return int(report_errors(diagnostics, arguments.color) or (arguments.check and changed))
