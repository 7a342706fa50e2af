"""The rules' folders: each has its code for good, and tells what, why and how, of which the page is made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from machdesc.check.compare import explained, rule_module
from machdesc.check.finding import CONTRACTS
from machdesc.check.report.rule import LABELS, read_rules
from tests.check.rule_example import FOLDER, NAMES
from tests.golden import Golden

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
LEDGER = Path(__file__).parent / "code.txt"


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_tells_what_why_and_how(name: str) -> None:
    rule = rule_module(name)
    assert re.fullmatch(r"MD\d{3}", rule.CODE)
    assert rule.BREAKS in ("", *CONTRACTS)
    assert tuple(explained(rule)) == LABELS


def test_a_code_keeps_its_meaning() -> None:
    """Every code ever given is in the ledger, with its name, the version that brought it, and what it
    means. A line of it is never removed, and no new rule takes an old one's code."""
    lines = [line for line in LEDGER.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    entries = [re.split(r" {2,}", line) for line in lines]
    codes = [code for code, *_ in entries]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", since) for _, _, since, _ in entries)
    rules = [(rule.code, rule.name, rule.title) for rule in read_rules()]
    assert rules == [(code, name, title) for code, name, _, title in entries]


def test_every_rule_is_used_by_a_part_and_every_part_names_rules_that_exist() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (FOLDER.parent / "part").glob("*.py")]
    words = {word for text in texts for word in re.findall(r'"([a-z][a-z0-9-]+)"', text)}
    assert set(NAMES) <= words
    named = {
        word for text in texts for word in re.findall(r'(?:differ|Difference)\(\s*"([a-z][a-z0-9-]+)"', text)
    }
    assert named
    assert named <= set(NAMES)


def test_the_page_about_the_rules_is_what_their_folders_say(golden: Golden) -> None:
    golden.check(PAGE, page_text())


def page_text() -> str:
    """The page, by code."""
    lines = ["# The rules of check", ""]
    lines += ["What each finding of `machdesc check` means; `machdesc explain MD040` tells the same. Of an"]
    lines += ["example, `-` is what the old description has, and `+` what the new one has instead."]
    lines.append("")
    for rule in read_rules():
        lines += [f"## {rule.code} {rule.name}", "", rule.title, ""]
        lines += [f"- {label}: {text}" for label, text in rule.paragraphs]
        lines += [f"- Breaks at most: {rule.told_breach()}", ""]
        if rule.example:
            lines += ["```diff", *rule.example, "```", ""]
        if rule.known:
            lines += ["Known defects:", "", *(f"- {line}" for line in rule.known), ""]
    return "\n".join(lines)
