"""Parser: makes the tree of a text.

After this phase: a `Tree` of all statements that could be read, and a diagnostic for each
place where the text is not of the language. The text between the machdesc regions of a
literate file is passed over.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.source import Source
from machdesc.syntax.read import NotPlain, read
from machdesc.syntax.scan import scan
from machdesc.syntax.tree import Header, Statement, Tree


def parse(source: Source) -> tuple[Tree, list[Diagnostic]]:
    """Parses all regions of a source."""
    header: Header | None = None
    statements: list[Statement] = []
    plain = True
    diagnostics: list[Diagnostic] = []
    for region in source.regions:
        tokens = scan(source, region.start, region.end)
        try:
            nodes = read(source, tokens)
        except NotPlain:
            from machdesc.syntax.recover import parse_region

            nodes, plain = parse_region(source, region, tokens, diagnostics), False
        for node in nodes:
            if not isinstance(node, Header):
                statements.append(node)
            elif header is None and not statements:
                header = node
            else:
                message = "the `machdesc` line is not the first one"
                diagnostics.append(error("late-header", message, node.span, "", "remove it"))
        if diagnostics and _enough(source, diagnostics):
            break
    return Tree(source, header, tuple(statements), plain), diagnostics


def _enough(source: Source, diagnostics: list[Diagnostic]) -> bool:
    """Whether so many errors were found that reading stops."""
    from machdesc.syntax.recover import MAX_ERRORS, too_many_errors

    if len(diagnostics) < MAX_ERRORS:
        return False
    if diagnostics[-1].code != "too-many-errors":
        diagnostics.append(too_many_errors(source))
    return True
