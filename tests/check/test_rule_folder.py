"""The rules' folders: each has its own code and tells what, why and how; the page about them is current."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import machdesc.check.rule
from machdesc.check.compare import explained, rule_module
from machdesc.check.finding import CONTRACTS
from tests.golden import Golden

FOLDER = Path(machdesc.check.rule.__file__).parent
NAMES = sorted(path.name.replace("_", "-") for path in FOLDER.iterdir() if (path / "__init__.py").exists())
PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
PARAGRAPHS = ("What it checks", "Why the guest notices", "How to fix")


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_tells_what_why_and_how(name: str) -> None:
    rule = rule_module(name)
    assert re.fullmatch(r"MD\d{3}", rule.CODE)
    assert rule.BREAKS in ("", *CONTRACTS)
    assert tuple(explained(rule)) == PARAGRAPHS


def test_no_code_is_given_twice() -> None:
    codes = [rule_module(name).CODE for name in NAMES]
    assert len(set(codes)) == len(codes)


def test_every_rule_is_used_by_a_part_and_every_part_names_rules_that_exist() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (FOLDER.parent / "part").glob("*.py")]
    words = {word for text in texts for word in re.findall(r'"([a-z][a-z0-9-]+)"', text)}
    assert set(NAMES) <= words
    named = {
        word for text in texts for word in re.findall(r'(?:differ|Difference)\(\s*"([a-z][a-z0-9-]+)"', text)
    }
    assert named
    assert named <= set(NAMES)


def test_the_page_about_the_rules_is_what_their_docstrings_say(golden: Golden) -> None:
    golden.check(PAGE, page_text())


def page_text() -> str:
    """The page, by code."""
    rules = sorted((rule_module(name).CODE, name) for name in NAMES)
    lines = ["# The rules of check", ""]
    lines += ["What each finding of `machdesc check` means, from the rules' own texts.", ""]
    for code, name in rules:
        rule = rule_module(name)
        told = explained(rule)
        title = (rule.__doc__ or "").partition("\n")[0]
        lines += [f"## {code} {name}", "", title, ""]
        lines += [f"- {label}: {told[label]}" for label in PARAGRAPHS]
        lines += [f"- Breaks: {_broken(rule.BREAKS)}", ""]
    return "\n".join(lines)


def _broken(breaks: str) -> str:
    contracts = CONTRACTS[: CONTRACTS.index(breaks) + 1] if breaks else ()
    return ", ".join(contracts) or "what the defect breaks"
