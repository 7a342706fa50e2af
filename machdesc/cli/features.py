"""Lists what a newer ABI version would give a guest, and what of its promise that breaks."""

from __future__ import annotations

from machdesc.check.outcome import broken_contracts
from machdesc.cli.output import JSON, emit, put
from machdesc.cli.report import add_color, add_includes, add_machine_types, add_target
from machdesc.cli.table import aligned
from machdesc.cli.transition import guest_name, part_lines, read_guest, report_errors, rule_lines, verdict
from machdesc.lifecycle.feature import features
from machdesc.lifecycle.upgrade import upgrade

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from machdesc.check.finding import Finding
    from machdesc.lifecycle.feature import Part
    from machdesc.lifecycle.transition import Transition


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("file", metavar="FILE", help="the description of a guest")
    parser.add_argument("--to", metavar="VERSION", required=True, help="the ABI version, such as 11.1")
    parser.add_argument(
        "--all",
        action="store_true",
        help="each device by itself, also the unchanged; numbers and texts that may be written",
    )
    add_target(parser)
    add_includes(parser)
    add_machine_types(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="the form of the output")
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Prints them; 1 when the description has errors."""
    guest, terms = read_guest(arguments)
    if guest is None:
        return 1
    transition, diagnostics = upgrade(guest, arguments.to, terms)
    if report_errors(diagnostics, arguments.color) or transition is None:
        return 1
    parts = features(transition)
    if arguments.format == "json":
        from machdesc.json_text import json_text

        emit(json_text(_document(transition, parts)), JSON)
        return 0
    put(*_lines(transition, parts, arguments.all))
    return 0


def _lines(transition: Transition, parts: list[Part], everything: bool) -> list[str]:
    old, new = transition.old, transition.new
    seen = f"QEMU {new.release}" if old.release == new.release else f"QEMU {old.release} → {new.release}"
    lines = [f"{guest_name(old)}: {old.abi_name} → {new.abi_name}, {seen}"]
    lines += part_lines(parts, everything)
    offers: dict[tuple[str, ...], list[str]] = {}
    for part in parts:
        key = tuple(offer.text for offer in part.offers if offer.switches or everything)
        if key:
            offers.setdefault(key, []).append(part.subject)
    if offers:
        lines += ["", f"to be had by writing it, with QEMU {new.release}:"]
        lines += aligned([(", ".join(names), "; ".join(texts)) for texts, names in offers.items()], "  ")
    lines += ["", *rule_lines(transition.findings), verdict(transition.findings)]
    return lines


def _document(transition: Transition, parts: list[Part]) -> dict[str, object]:
    """The same as plain data."""
    old, new = transition.old, transition.new
    return {
        "machdesc": 1,
        "guest": guest_name(old),
        "old": {"machine": old.abi_name, "qemu": old.release},
        "new": {"machine": new.abi_name, "qemu": new.release},
        "parts": [
            {
                "part": part.subject,
                "type": part.type,
                "old": part.old,
                "new": part.new,
                "findings": [_finding(finding) for finding in part.findings],
                "offers": [{"name": o.name, "write": o.text, "unwritten": o.unwritten} for o in part.offers],
            }
            for part in parts
        ],
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "breaks": list(broken_contracts(finding)),
        "undecided": finding.undecided,
        "old": finding.old,
        "new": finding.new,
        "notices": finding.notices,
        "fix": finding.fix,
    }
