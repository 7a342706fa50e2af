"""All rules over all pairs: each rule's example triggers it, and a similar change does not.

`pytest --update-goldens` writes what the commands print into the examples.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import machdesc
from machdesc.check.compare import check_guests, rule_module
from machdesc.cli.main import main
from machdesc.resolve.guest import Guest
from tests.check.rule_example import EXAMPLES, FOLDER, NAMES, Example
from tests.docs.page import PAGES, ROOT, fences
from tests.golden import Golden

_CODE = re.compile(r"^\S.* \[(MD\d{3}) [a-z-]+\]$", re.MULTILINE)


def by_name(example: Example) -> str:
    """Id of a parametrized test."""
    return example.name


@pytest.mark.parametrize("example", EXAMPLES, ids=by_name)
def test_an_example_is_told_as_expected(
    example: Example, golden: Golden, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(example.folder)
    monkeypatch.delenv("MACHDESC_QEMU", raising=False)
    texts = []
    for words, _ in example.commands:
        main(words)
        told = capsys.readouterr()
        assert told.err == ""
        texts.append(f"$ machdesc {' '.join(words)}\n{told.out}")
    golden.check(example.path, "".join(texts))


@pytest.mark.parametrize("example", EXAMPLES, ids=by_name)
def test_the_pair_triggers_the_rule_and_the_similar_one_does_not(example: Example) -> None:
    code = rule_module(example.rule).CODE
    (words, told), *similar = example.commands
    number = example.path.stem.removeprefix("expected")
    assert words[:3] == ["check", f"old{number}.md", f"new{number}.md"]
    assert code in _CODE.findall(told)
    for words, told in similar:
        assert words[:3] == ["check", f"old{number}.md", f"fine{number}.md"]
        assert told == "`live` is kept in 1 pair\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_complete_and_holds_nothing_else(name: str) -> None:
    folder = FOLDER / name.replace("-", "_")
    examples = [example for example in EXAMPLES if example.rule == name]
    used = {word for example in examples for words, _ in example.commands for word in words[1:3]}
    files = {path.name for path in folder.iterdir()} - {"__pycache__"}
    assert {"old.md", "new.md", "fine.md"} <= used
    assert files == {"__init__.py", *used, *(example.path.name for example in examples)}


def read(name: str, release: str | None = None) -> Guest | None:
    """The guest of a file; None when it describes none."""
    description, diagnostics = machdesc.load(name)
    assert description is not None
    assert not machdesc.has_errors(diagnostics)
    if description.one("machine") is None or description.is_machine_type:
        return None
    guest, diagnostics = machdesc.resolve_description(description, release)
    assert not machdesc.has_errors(diagnostics)
    return guest


DESCRIPTIONS = [
    *sorted(FOLDER.glob("*/*.md")),
    *sorted((ROOT / "docs").glob("examples/[!R]*.md")),
    *(page for page in PAGES if fences(page, "machdesc")),
]


@pytest.mark.parametrize("path", DESCRIPTIONS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_description_against_itself_says_nothing(path: Path) -> None:
    # Read twice, so that nothing is the same by being one object.
    guest, again = read(str(path)), read(str(path))
    assert guest is None or again is None or check_guests(guest, again) == []


MIRROR = {"device-added": "device-removed", "device-removed": "device-added"}
"""Rule -> the rule of the way back, where that is another."""


BOTH_WAYS = [example for example in EXAMPLES if example.rule not in ("release", "cpu-host", "saved-state")]
"""All but pairs of one description under two releases; a defect may have one direction."""


@pytest.mark.parametrize("example", BOTH_WAYS, ids=by_name)
def test_the_way_back_is_a_finding_as_well(example: Example) -> None:
    words = example.commands[0][0]
    old, new = (read(str(example.folder / name)) for name in words[1:3])
    assert old is not None
    assert new is not None
    assert MIRROR.get(example.rule, example.rule) in [finding.name for finding in check_guests(new, old)]
