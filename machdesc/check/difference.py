"""Differences: what is not the same on both sides of a pair, before a rule has judged it."""

from __future__ import annotations

from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from machdesc.syntax.tree import Span


class Difference(Record):
    """One thing that differs.

    `rule` names the rule that judges it. `subject` is what it belongs to: a device's id, `machine`,
    `cpu`; `what` says in words what of it. `old` and `new` are the values as text, empty where
    there is none, and the spans where they are written, None where they are not. `doubt` says why
    it cannot be known whether the guest sees it; empty when it is known. `name` is the property's,
    `type` that of its owner, where there is one.
    """

    rule: str
    subject: str
    what: str
    old: str
    new: str
    old_span: Span | None
    new_span: Span | None
    doubt: str = ""
    type: str = ""
    name: str = ""


def differ(
    rule: str,
    subject: str,
    what: str,
    texts: Sequence[str],
    spans: Sequence[Span | None],
    doubt: str = "",
    type: str = "",
    name: str = "",
) -> Difference:
    """A difference by both texts and both spans, the old one first."""
    (old, new), (old_span, new_span) = texts, spans
    return Difference(rule, subject, what, old, new, old_span, new_span, doubt, type, name)


class Judgement(Record):
    """What a rule says of a difference: the weakest contract that it breaks, empty for none,
    whether that cannot be decided, and a message in place of the usual one.

    A rule's `judge` gives one, or None when the difference is none to it, or a list of them."""

    breaks: str
    undecided: bool = False
    message: str = ""
