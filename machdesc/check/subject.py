"""Subjects: the statement that the subject of a finding means, in one of the two guests.

What stands on one side only has no place on the other; there, the statement is shown that it would
stand in.
"""

from __future__ import annotations

from machdesc.check.part.value import heading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Span, Statement


def subject_span(guest: Guest, subject: str) -> Span | None:
    """Where a guest says what a subject is: a device by its id or its type, an object, `cpu`, `smbios 1`.
    None when it does not, or in several places."""
    statements = (*guest.description.statements, *guest.description.host_all("object"))
    found = [statement for statement in statements if subject in _subjects(statement)]
    return heading(found[0]) if len(found) == 1 else None


def _subjects(statement: Statement) -> tuple[str, ...]:
    """What findings call a statement."""
    id = statement.id.text if statement.id is not None else ""
    head = statement.head.text if statement.head is not None else ""
    if statement.keyword in ("device", "object"):
        return (id or head,)
    if statement.keyword in ("smbios", "fw_cfg"):
        return (f"{statement.keyword} {id or head}",)
    return (statement.keyword,)
