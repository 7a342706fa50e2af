"""A draft: the text of a description with changes to its statements, before they are written.

What stands in the description's own file is changed in its place; what stands in an included file is
overridden in the description's own, so that other guests keep what they have.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.memo import kept
from machdesc.model.guest import title
from machdesc.model.merge import key
from machdesc.source import Source, source_of
from machdesc.syntax.edit import Edit, add_statement, apply_edits, edit_statement, id_text, statement_text
from machdesc.syntax.parse import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.model.guest import Description
    from machdesc.syntax.tree import Statement, Tree


class Draft:
    """The changes so far, and what stands in the way. Codes: not-overridable."""

    def __init__(self, description: Description) -> None:
        self._file = description.source
        self._tree = parse(self._file)[0]
        self._own = {key(s): s for s in self._tree.statements if key(s) is not None}
        self._edits: list[Edit] = []
        self._more: list[str] = []
        self.diagnostics: list[Diagnostic] = []

    def source(self) -> Source:
        """The source after all changes."""
        edits = self._edits
        if self._more:
            edits = [*edits, add_statement(self._tree, "\n\n".join(self._more))]
        return source_of(apply_edits(self._file.text, edits), self._file.name)

    def change(
        self,
        statement: Statement,
        version: str = "",
        id: str = "",
        address: str = "",
        properties: dict[str, str] | None = None,
    ) -> None:
        """Sets parts of a statement, in its own place or in one that overrides it."""
        if not (version or id or address or properties):
            return
        raw = self.own(statement)
        if raw is not None:
            self._edits += edit_statement(raw, version, id, address, properties)
        elif key(statement) is None:
            message = (
                f"{title(statement)} stands in an included file and has no id, so it cannot be overridden"
            )
            help = "give it an id there"
            self.diagnostics.append(error("not-overridable", message, statement.span, "", help))
        else:
            words = [statement.keyword, getattr(statement.head, "text", "")]
            words += ["@", version] if version else []
            words += [id_text(statement.id.text)] if statement.id is not None else []
            words += ["at", address] if address else []
            self._more.append(statement_text(" ".join(words), properties or {}))

    def own(self, statement: Statement) -> Statement | None:
        """The statement as it stands in the description's own file; None where it does not."""
        name = key(statement)
        if name is not None:
            return self._own.get(name)
        return statement if statement.keyword_span[2] is self._file else None

    def add(self, text: str, *after: str) -> None:
        """Adds a statement behind the first of some keywords that the file has."""
        own = {s.keyword: s for s in reversed(self._tree.statements)}
        before = next((own[keyword] for keyword in after if keyword in own), None)
        self._edits.append(add_statement(self._tree, text, before))

    def add_before(self, statement: Statement, text: str) -> bool:
        """Adds a statement before one; whether that stands in the description's own file."""
        own = self.own(statement)
        if own is None:
            return False
        before = _before(self._tree).get(own.span[0], self._tree.header)
        self._edits.append(add_statement(self._tree, text, before))
        return True


@kept
def _before(tree: Tree) -> dict[int, Statement]:
    """The statement before each but the first, by the offset at which that begins."""
    return {
        later.span[0]: earlier for earlier, later in zip(tree.statements, tree.statements[1:], strict=False)
    }
