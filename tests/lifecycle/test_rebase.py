"""Rebasing and upgrading whole guests: the shipped examples, and what is written for them."""

from __future__ import annotations

from pathlib import Path

import pytest

import machdesc
from machdesc.abi.machine_class import changed_decisions
from machdesc.check.finding import violates
from machdesc.lifecycle.transition import terms_of
from machdesc.resolve.guest import Guest
from machdesc.syntax.format import format_tree
from machdesc.syntax.parse import parse

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.md"))
GUESTS = [path for path in EXAMPLES if "\nmachine microvm" not in path.read_text("utf-8")]
TO = "11.1"


def _guest(path: Path) -> Guest | None:
    description, _ = machdesc.load(str(path))
    if description is None or description.one("machine") is None:
        return None
    return machdesc.resolve_description(description)[0]


@pytest.mark.parametrize("path", GUESTS, ids=lambda path: path.stem)
def test_an_example_keeps_its_hardware(path: Path) -> None:
    guest = _guest(path)
    if guest is None:
        pytest.skip("describes no guest")
    transition, diagnostics = machdesc.rebase(guest, TO)
    assert transition is not None, [machdesc.render(d) for d in diagnostics]
    _check_text(guest, transition.source)
    lost = [finding for finding in transition.findings if violates(finding, "cold")]
    decided = [decision.what for decision, *_ in changed_decisions(transition.old, transition.new)]
    assert len(lost) == len(decided), [finding.message for finding in lost]
    assert all(any(what in finding.message for what in decided) for finding in lost)
    # Nothing has a version that it did not have.
    assert [d.version for d in transition.new.devices] == [d.version for d in transition.old.devices]


@pytest.mark.parametrize("path", GUESTS, ids=lambda path: path.stem)
def test_an_example_can_be_upgraded(path: Path) -> None:
    guest = _guest(path)
    if guest is None:
        pytest.skip("describes no guest")
    transition, diagnostics = machdesc.upgrade(guest, TO)
    assert transition is not None, [machdesc.render(d) for d in diagnostics]
    _check_text(guest, transition.source)
    assert {device.version for device in transition.new.devices} <= {TO}
    parts = machdesc.features(transition)
    assert sum(len(part.findings) for part in parts) == len(transition.findings)
    assert [part.subject for part in parts if part.type][1:] == [
        device.id or device.type.name for device in transition.new.devices if device.type is not None
    ]


def _check_text(guest: Guest, source: machdesc.Source) -> None:
    """The text compiles, keeps its canonical form, and all of its prose and comments."""
    description, diagnostics = machdesc.load_source(source)
    assert description is not None
    compiled, more = machdesc.compile(description, TO)
    assert compiled is not None, [machdesc.render(d) for d in (*diagnostics, *more)]
    tree, _ = parse(source)
    before = guest.description.source
    if format_tree(parse(before)[0]) == before.text:
        assert format_tree(tree) == source.text
    kept = [line for line in before.text.splitlines() if not line.startswith(("machine ", "device ", "cpu "))]
    lines = source.text.splitlines()
    assert [line for line in kept if line not in lines] == []


def test_a_guest_that_is_rebased_twice_is_the_same_as_at_once() -> None:
    text = (
        "machdesc 1\nguest g\nmachine q35 @ 4.2\ncpu EPYC { cpus 2 }\nmemory 1GiB\n"
        "device virtio-rng-pci rng at pcie.0/02.0 { rng r }\nhost { accel tcg  object rng-builtin r }\n"
    )
    description, _ = machdesc.load_source(machdesc.source_of(text, "g"))
    assert description is not None
    guest, _ = machdesc.resolve_description(description)
    at_once, _ = machdesc.rebase(guest, "11.1")
    first, _ = machdesc.rebase(guest, "10.0", terms_of(guest.catalog))
    assert at_once is not None
    assert first is not None
    second, _ = machdesc.rebase(first.new, "11.1")
    assert second is not None
    assert {
        "smm-compat on",
        "x-consistent-cache off",
        "legacy-multi-node on",
        "version pc-q35-4.2",
    } <= _lines(at_once.source)
    assert _lines(second.source) == _lines(at_once.source)


def _lines(source: machdesc.Source) -> set[str]:
    """All properties and statements, whatever their order and layout."""
    text = source.text.replace("{ ", "{\n").replace(" }", "\n}").replace("  ", "\n")
    return {line.strip() for line in text.splitlines()}
