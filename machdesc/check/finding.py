"""Findings: what differs between two guests, what the guest notices, and what to do.

A contract is what a change promises to keep. They contain each other: `live` (a state saved
under the old one loads under the new one, and the running guest notices nothing) holds `cold`
(after power-off and on, the guest finds the same hardware), which holds `additive` (all that
it had is unchanged, more may be there).
"""

from __future__ import annotations

from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Span

CONTRACTS = ("live", "cold", "additive")
"""The contracts, the strongest first: each contains the next."""


class Finding(Record):
    """One difference.

    `code` is the rule's, such as `MD012`, never used again for another meaning; `name` that of
    the rule's folder, such as `pci-address`. `breaks` is the weakest contract that the
    difference breaks: `live` breaks only that one, `cold` breaks live and cold, `additive` all;
    empty: none. `undecided` means that it cannot be known whether it breaks it, for the reason
    that the message tells; this counts as broken. `subject` is what differs: a device's id,
    `machine`, `cpu`. `old` and `new` are the values as text, empty where there is none, and the
    spans where they are written, None where they are not. `notices` is what the guest notices,
    `fix` what to do.
    """

    code: str
    name: str
    breaks: str
    undecided: bool
    subject: str
    message: str
    old: str
    new: str
    old_span: Span | None
    new_span: Span | None
    notices: str
    fix: str


def violates(finding: Finding, required: str) -> bool:
    """Whether a finding breaks a contract that is required.

    :raises ValueError: when there is no such contract.
    """
    return finding.breaks in CONTRACTS[CONTRACTS.index(required) :]
