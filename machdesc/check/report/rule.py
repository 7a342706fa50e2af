"""What is told of a rule: the docstring of its folder, which is its documentation, and its example."""

from __future__ import annotations

import os

from machdesc.check.finding import CONTRACTS
from machdesc.check.ignore import EXPIRED, UNUSED
from machdesc.record import Record

LABELS = ("What it checks", "Why the guest notices", "How to fix")
"""What the paragraphs of a rule's text are about, in their order."""

_OWN = {
    UNUSED: """An `ignore` that ignores nothing.

What it checks: whether each `ignore` of the new description fits a finding of some pair of the run.

Why the guest notices: it does not; but the line would hide a later change that nobody has looked at.

How to fix: remove it.
""",
    EXPIRED: """An `ignore` that has passed its last day.

What it checks: whether today is after the day that stands behind `until`.

Why the guest notices: it does not; but what was ignored is now told again.

How to fix: remove it, together with the change that it was for, or give it a later day and say why.
""",
}
"""Texts about the findings that no rule makes, by code and name."""


class Rule(Record):
    """A rule as people read about it.

    `title` is one sentence; `paragraphs` are the texts by label, each on one line; `breaks` is the
    weakest contract that its findings can break, empty where the finding decides. `known` are the
    known defects of releases, for the rule about these. `example` are the lines that an old
    description loses (`-…`) and its new one gains (`+…`), none where only the QEMU is another.
    """

    code: str
    name: str
    title: str
    paragraphs: tuple[tuple[str, str], ...]
    breaks: str
    known: tuple[str, ...]
    example: tuple[str, ...]

    def told_breach(self) -> str:
        """The contracts that it breaks at most."""
        if (self.code, self.name) in _OWN:
            return "no contract"
        broken = CONTRACTS[: CONTRACTS.index(self.breaks) + 1] if self.breaks else ()
        return ", ".join(broken) or "what the defect breaks"


def rule_text(name: str) -> str:
    """The documentation of a rule by the name of its folder; empty when it has none."""
    for own, text in _OWN.items():
        if own[1] == name:
            return text
    from importlib import import_module
    from inspect import cleandoc

    try:
        module = import_module(f"machdesc.check.rule.{name.replace('-', '_')}")
    except ModuleNotFoundError:
        return ""
    return cleandoc(module.__doc__ or "")


def read_rules() -> list[Rule]:
    """All rules, and the findings that no rule makes, by code."""
    from machdesc.check.compare import rule_module

    folders = [entry.name for entry in os.scandir(_folder()) if entry.is_dir() and entry.name.isidentifier()]
    names = [folder.replace("_", "-") for folder in folders if not folder.startswith("__")]
    found = [_rule(rule_module(name).CODE, name, rule_module(name).BREAKS) for name in names]
    return sorted([*found, *(_rule(code, name, "") for code, name in _OWN)])


def _rule(code: str, name: str, breaks: str) -> Rule:
    title, *paragraphs = rule_text(name).split("\n\n")
    told = []
    for paragraph in paragraphs:
        label, _, text = paragraph.partition(": ")
        told.append((label, " ".join(text.split())))
    return Rule(
        code, name, title, tuple(told), breaks, _defects() if name == "release" else (), _example(name)
    )


def _defects() -> tuple[str, ...]:
    """The known defects, a line each."""
    from machdesc.check.defect import DEFECTS

    told = []
    for defect in DEFECTS:
        ways = ", ".join(f"{old} → {new}" for old, new in defect.ways).replace("*", "any")
        first, last = defect.machines[0], defect.machines[-1]
        machines = "" if first == "*" else f", {first}" if first == last else f", {first} to {last}"
        text = f"{defect.text}; {defect.doubt}" if defect.doubt else defect.text
        told.append(f"QEMU {ways}{machines}: {text}")
    return tuple(told)


def _example(name: str) -> tuple[str, ...]:
    """What the rule's two descriptions do not share; nothing where they are not there."""
    from difflib import ndiff

    texts = []
    for side in ("old", "new"):
        path = os.path.join(_folder(), name.replace("-", "_"), f"{side}.md")
        if not os.path.exists(path):
            return ()
        with open(path, encoding="utf-8") as file:
            texts.append(file.read().splitlines())
    return tuple(line[0] + line[2:] for line in ndiff(texts[0], texts[1]) if line[0] in "-+")


def _folder() -> str:
    from machdesc.check import rule

    return os.path.dirname(rule.__file__)
