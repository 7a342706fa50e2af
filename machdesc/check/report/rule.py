"""What is told of a rule: the docstring of its folder, which is its documentation."""

from __future__ import annotations

from machdesc.check.ignore import EXPIRED, UNUSED

_OWN = {
    UNUSED[1]: """An `ignore` that ignores nothing.

What it checks: whether each `ignore` of the new description fits a finding of some pair of the run.

Why the guest notices: it does not; but the line would hide a later change that nobody has looked at.

How to fix: remove it.
""",
    EXPIRED[1]: """An `ignore` that has passed its last day.

What it checks: whether today is after the day that stands behind `until`.

Why the guest notices: it does not; but what was ignored is now told again.

How to fix: remove it, together with the change that it was for, or give it a later day and say why.
""",
}
"""Texts about the findings that no rule makes."""


def rule_text(name: str) -> str:
    """The documentation of a rule by the name of its folder; empty when it has none."""
    if name in _OWN:
        return _OWN[name]
    from importlib import import_module
    from inspect import cleandoc

    try:
        module = import_module(f"machdesc.check.rule.{name.replace('-', '_')}")
    except ModuleNotFoundError:
        return ""
    return cleandoc(module.__doc__ or "")
