"""What libvirt's check compares is told by ours, or it is said why not; a page is made of the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import machdesc
from machdesc.check.compare import check_guests
from machdesc.resolve.guest import Guest
from machdesc.source import source_of
from tests.check.libvirt import ABSENT, BASE, MORE, OLD, ROWS, SILENT
from tests.golden import Golden

PAGE = Path(__file__).parents[2] / "docs" / "libvirt.md"


def guest(words: str) -> Guest:
    """The guest of a row."""
    outside, _, host = words.partition("|")
    lines = [line for line in outside.split("\n") if line.strip()]
    given = {line.split()[0] for line in lines}
    base = [line for keyword, line in BASE.items() if keyword not in given]
    host = host if "accel" in host else f"accel kvm {host}"
    text = "\n".join(["machdesc 1", *base, *lines, f"host {{ {host} }}\n"])
    description, diagnostics = machdesc.load_source(source_of(text, "g.md"))
    assert description is not None, [machdesc.render(diagnostic) for diagnostic in diagnostics]
    found, more = machdesc.resolve_description(description, "7.2" if OLD in words else "11.1")
    errors = [machdesc.render(d) for d in (*diagnostics, *more) if d.severity == "error"]
    assert not errors, "\n".join(errors)
    return found


@pytest.mark.parametrize(("what", "pair", "code"), MORE)
def test_what_libvirt_leaves_out_is_told(what: str, pair: tuple[str, ...], code: str) -> None:
    old, new = map(guest, pair)
    assert code in {finding.code for finding in check_guests(old, new)}
    assert check_guests(new, old)


@pytest.mark.parametrize(("part", "compared", "pair", "code"), ROWS)
def test_what_libvirt_compares_is_told(part: str, compared: str, pair: tuple[str, ...], code: str) -> None:
    old, new = map(guest, pair)
    found = {finding.code for finding in check_guests(old, new)}
    if code:
        assert code in found
        assert check_guests(new, old)
    else:
        assert not found
        assert SILENT[part, compared]


def test_the_page_is_made_of_the_table(golden: Golden) -> None:
    lines = ["# What libvirt's check compares", ""]
    lines += [
        "libvirt compares two guests when one is migrated, restored or redefined; it stops at the first"
    ]
    lines += ["difference. Each line of what its version 11.3.0 compares was tried: the code is that of"]
    lines += ["[the rule](rules.md) which tells of it, or the line says why none does.", ""]
    lines += ["| part | libvirt compares | code |", "|---|---|---|"]
    told: dict[tuple[str, str], list[str]] = {}
    for part, compared, _, code in ROWS:
        told.setdefault((part, code or SILENT[part, compared]), []).append(compared)
    for part, compared, why in ABSENT:
        told.setdefault((part, f"cannot be said: {why}"), []).append(compared)
    parts = dict.fromkeys(part for part, _ in told)
    for part in parts:
        for (owner, code), names in told.items():
            if owner == part:
                lines.append(f"| {part} | {_joined(names)} | {code} |")
    lines += ["", "libvirt leaves out, and `machdesc check` compares:", "", "| what | code |", "|---|---|"]
    lines += [f"| {what} | {code} |" for what, _, code in MORE]
    golden.check(PAGE, "\n".join(lines) + "\n")


def _joined(names: list[str]) -> str:
    """Names in one cell, with a beginning that they share said once."""
    texts, before = [], ""
    for name in names:
        start = name[: len(name) - len(re.sub(r"^(Hyper-V: |KVM: |timer )", "", name))]
        texts.append(name if start != before else name[len(start) :])
        before = start
    return ", ".join(texts)
