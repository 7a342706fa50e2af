"""A file of fw_cfg differs.

What it checks: every `fw_cfg` statement.

Why the guest notices: the firmware and programs in the guest read it.

How to fix: keep it; a new file beside those that were there is kept by `additive`.
"""

from __future__ import annotations

from machdesc.check.difference import Difference, Judgement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

CODE = "MD064"
BREAKS = "additive"


def judge(difference: Difference, old: Guest, new: Guest) -> Judgement:
    """A file that was not there leaves the others as they were."""
    files = {f"fw_cfg {s.id.text}" for s in old.description.all("fw_cfg") if s.id is not None}
    return Judgement(BREAKS if difference.subject in files else "cold")
