"""Subjects: the statement that the subject of a finding means, in one of the two guests.

What stands on one side only has no place on the other; there, the statement is shown that it would
stand in.
"""

from __future__ import annotations

from machdesc.check.part.value import heading
from machdesc.memo import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Span, Statement


def subject_span(guest: Guest, subject: str) -> Span | None:
    """Where a guest says what a subject is: a device by its id or its type, an object, `cpu`, `smbios 1`.
    None when it does not, or in several places."""
    found = _statements(guest).get(subject, ())
    return heading(found[0]) if len(found) == 1 else None


@kept
def _statements(guest: Guest) -> dict[str, list[Statement]]:
    """The statements of each subject."""
    found: dict[str, list[Statement]] = {}
    for statement in (*guest.description.statements, *guest.description.host_all("object")):
        for subject in _subjects(statement):
            found.setdefault(subject, []).append(statement)
    return found


def _subjects(statement: Statement) -> tuple[str, ...]:
    """What findings call a statement."""
    id = statement.id.text if statement.id is not None else ""
    head = statement.head.text if statement.head is not None else ""
    if statement.keyword in ("device", "object"):
        return (id or head,)
    if statement.keyword in ("smbios", "fw_cfg"):
        return (f"{statement.keyword} {id or head}",)
    return (statement.keyword,)
