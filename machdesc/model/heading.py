"""Where a statement is named in the text, for what is told of the thing that it describes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Span, Statement


def heading(statement: Statement) -> Span:
    """Its id, else its type, else all of it."""
    return (statement.id or statement.head or statement).span
