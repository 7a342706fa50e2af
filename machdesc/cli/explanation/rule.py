"""A rule of `check`: what it checks, why the guest notices, how to fix it, what it breaks, and an example."""

from __future__ import annotations

from machdesc.check.report.rule import read_rules
from machdesc.cli.table import aligned

_WIDTH = 100


class UnknownRule(Exception):
    """There is no rule of a code; the message tells the nearest."""


def explain_rule(word: str) -> list[str]:
    """The text of a rule by its code, whatever the case, or by its name.

    :raises UnknownRule: when there is none.
    """
    from textwrap import fill

    rules = read_rules()
    found = next((rule for rule in rules if word.upper() == rule.code or word == rule.name), None)
    if found is None:
        nearest = _nearest(word, [rule.code for rule in rules])
        raise UnknownRule(
            f"no rule of check has the code `{word}`; {nearest}`machdesc explain rules` lists all of them"
        )
    lines = [f"{found.code} {found.name}: {found.title}"]
    for label, text in (*found.paragraphs, ("Breaks at most", found.told_breach())):
        lines += ["", fill(f"{label}: {text}", _WIDTH, break_long_words=False, break_on_hyphens=False)]
    if found.known:
        lines += ["", "Known defects:", *("  " + line for line in found.known)]
    if found.example:
        lines += ["", "For example:", "", *(f"  {line}" for line in found.example)]
    # Titles and filled paragraphs have line breaks of their own.
    return "\n".join(lines).split("\n")


def explain_rules() -> list[str]:
    """All rules, a line each."""
    rows = [(rule.code, rule.name, rule.title) for rule in read_rules()]
    return [*aligned(rows), "", "machdesc explain CODE tells of one."]


def is_code(word: str) -> bool:
    """Whether a word looks like the code of a rule."""
    return word[:2].upper() == "MD" and word[2:].isdecimal()


def is_rule(word: str) -> bool:
    """Whether a word is the name of a rule."""
    return any(rule.name == word for rule in read_rules())


def _nearest(word: str, codes: list[str]) -> str:
    """A hint at the code that is nearest by its number."""
    digits = word[2:]
    if not digits.isdecimal():
        return ""
    nearest = min(codes, key=lambda code: abs(int(code[2:]) - int(digits[:9])))
    return f"did you mean `{nearest}`? "
