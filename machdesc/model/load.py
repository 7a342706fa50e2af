"""Loading: reads a file and its includes, and puts the description together.

Includes come first, in the order in which they stand, a later one overriding an earlier one;
then the removals, then the file's own statements. Paths are relative to the including file and
must stay inside the tree of the file that was asked for: its git repository, or else its
folder, and the folders that the caller allows besides.
"""

from __future__ import annotations

import os

from machdesc.diagnostic import WARNING, Diagnostic, error, file_error, listed
from machdesc.model.file import DISK, SETTINGS, Files
from machdesc.model.guest import Description, title
from machdesc.model.merge import key, merge_statement, repeated_properties
from machdesc.source import FORMATTER_PRONE_NOTE, Source, UnreadableSource
from machdesc.syntax.parse import parse
from machdesc.syntax.tree import Statement, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Number, Span, String, Word

    Placed = tuple[Statement, bool]
    """A statement, and whether it stands in `host`."""

MAX_INCLUDE_DEPTH = 16
"""How many files deep an include may lead."""

MAX_INCLUDED_FILES = 256
"""How many files one description may be made of."""

LANGUAGE_VERSION = 1


def load(
    path: str, allowed: tuple[str, ...] = (), files: Files = DISK
) -> tuple[Description | None, list[Diagnostic]]:
    """Reads and parses a file with its includes.

    `allowed` are further folders that includes may lie in, `files` where all of them are read
    from. None when the file could not be read or is no machdesc text; otherwise a description,
    whole when no diagnostic is an error.
    """
    try:
        source = files.read(path, inherited=True)
    except UnreadableSource as unreadable:
        return None, [file_error("unreadable", str(unreadable), path)]
    return load_source(source, allowed, files)


def load_source(
    source: Source, allowed: tuple[str, ...] = (), files: Files = DISK, settings: bool = True
) -> tuple[Description | None, list[Diagnostic]]:
    """The same for a source that is already read; its name tells where its includes lie.

    What is wrong with the settings that hold for it is reported too, unless `settings` is off: then only
    what needs them reports it.
    """
    if not source.regions:
        return None, [not_machdesc(source.name)]
    loading = _Loading(source.name, allowed, files)
    description = loading.description(source)
    if settings:
        loading.diagnostics += wrong_settings(source.name, files)
    if not source.literate and source.name.endswith(".md"):
        loading.diagnostics.append(
            Diagnostic(
                WARNING,
                "raw-markdown",
                "a raw description in a `.md` file",
                (source.regions[0].start, source.regions[0].start + len("machdesc"), source),
                "",
                FORMATTER_PRONE_NOTE,
            )
        )
    return description, loading.diagnostics


def wrong_settings(name: str, files: Files = DISK) -> list[Diagnostic]:
    """What is wrong with the settings that hold for a file, most of which have none."""
    if not files.upward(name, SETTINGS):
        return []
    from machdesc.model.setting import find_settings

    return find_settings(name, files)[1]


def is_raw_name(name: str) -> bool:
    """Whether a file is called as only descriptions are, so that it is wrong when it holds none."""
    return name.endswith(".machdesc")


def not_machdesc(name: str) -> Diagnostic:
    """What is said of a file that holds no machdesc text."""
    help = "begin it with `machdesc 1`, or put the text in a ```machdesc block"
    return file_error("not-machdesc", "holds no machdesc text", name, help)


def parse_whole(source: Source) -> tuple[Tree, list[Diagnostic]]:
    """Parses one file without its includes; a statement that goes on in the next one is an error."""
    tree, diagnostics = parse(source)
    return tree, _with_stubs(tree, diagnostics)


def _with_stubs(tree: Tree, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics of a tree, with those that unfinished statements cause told as such."""
    if tree.plain:
        return diagnostics
    from machdesc.model.stub import explain_stubs

    return explain_stubs(tree, diagnostics)


class _Loading:
    """One run of `load`: what it has read so far, and what it found wrong."""

    def __init__(self, path: str, allowed: tuple[str, ...], files: Files) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._path = path
        self._allowed = allowed
        self._files = files
        self._roots: tuple[str, ...] | None = None
        self._open: list[str] = []
        self._done: dict[str, tuple[Placed, ...]] = {}
        self._failed = 0

    def description(self, source: Source) -> Description:
        """The description of the file that was asked for."""
        everything = self._statements(source)
        return Description(
            source,
            tuple([statement for statement, in_host in everything if not in_host]),
            tuple([statement for statement, in_host in everything if in_host]),
            self._files,
        )

    def _statements(self, source: Source) -> tuple[Placed, ...]:
        """All statements of a source and its includes."""
        tree, diagnostics = parse(source)
        self.diagnostics += _with_stubs(tree, diagnostics)
        self._check_header(tree, bool(diagnostics))
        own = _flat(tree)
        merged: dict[tuple[str, str], Placed] = {}
        paths: dict[str, Statement] = {}
        for statement, _ in own:
            if statement.keyword == "include" and statement.head is not None:
                first = paths.setdefault(statement.head.text, statement)
                if first is not statement:
                    self._duplicate(first, statement)
                    continue
                for included in self._include(statement):
                    self._add(merged, included, key(included[0]))
        self._remove(merged, [s for s, _ in own if s.keyword == "remove"])
        seen: dict[tuple[str, str], Statement] = {}
        for placed in own:
            statement = placed[0]
            if statement.keyword in ("include", "remove"):
                continue
            if statement.block is not None:
                repeated_properties(statement.block, self.diagnostics)
            name = key(statement)
            if name is not None:
                if name in seen:
                    self._duplicate(seen[name], statement)
                    continue
                seen[name] = statement
            self._add(merged, placed, name)
        return tuple(merged.values())

    def _add(
        self, merged: dict[tuple[str, str], Placed], placed: Placed, name: tuple[str, str] | None
    ) -> None:
        """Adds a statement, or lets it override the one with its key."""
        if name is None:
            # A file that is included by two ways says such a thing once all the same.
            start, _, source = placed[0].span
            merged["", f"{source.name}:{start}"] = placed
        elif name not in merged:
            merged[name] = placed
        else:
            old, new = merged[name][0], placed[0]
            if old.span != new.span or old.span[2] is not new.span[2]:
                new = merge_statement(old, new, self.diagnostics)
            merged[name] = new, placed[1]

    def _remove(self, merged: dict[tuple[str, str], Placed], removals: list[Statement]) -> None:
        """Takes out what an included file brought in."""
        names: dict[str, list[str]] = {}
        for kind, ident in merged if removals else ():
            names.setdefault(kind, []).append(ident)
        for statement in removals:
            kind = statement.head.text if statement.head is not None else ""
            ident = statement.id.text if statement.id is not None else ""
            if merged.pop((kind, ident), None) is not None:
                continue
            known = names.get(kind, [])
            self.diagnostics.append(
                error(
                    "nothing-to-remove",
                    f"no included file has a {kind} `{ident}`",
                    statement.id.span if statement.id is not None else statement.span,
                    listed(known),
                    "`remove` takes out what an `include` brought in",
                )
            )

    def _include(self, statement: Statement) -> tuple[Placed, ...]:
        """The statements of an included file, none when it cannot be had."""
        assert statement.head is not None
        if self._failed >= MAX_INCLUDED_FILES:
            # Nothing comes of such a text, and looking for thousands of files takes long.
            self.diagnostics.append(_too_far(statement.head.span))
            return ()
        found = self._included(statement.head)
        self._failed += found is None
        return found or ()

    def _included(self, head: Word | Number | String) -> tuple[Placed, ...] | None:
        """The same by the path; None when it cannot be had."""
        span = head.span
        path = self._files.beside(span[2].name, head.text)
        if "\0" in path:
            self.diagnostics.append(error("include", "a path with a NUL character", span))
            return None
        real = self._files.identity(path)
        if not self._open:
            # Most descriptions have no includes, and need not be told from any.
            self._open.append(self._files.identity(self._path))
        if real in self._open:
            chain = " → ".join(os.path.basename(p) for p in [*self._open[self._open.index(real) :], real])
            self.diagnostics.append(error("include-cycle", f"includes itself: {chain}", span))
            return None
        if real in self._done:
            return self._done[real]
        if len(self._open) > MAX_INCLUDE_DEPTH or len(self._done) >= MAX_INCLUDED_FILES:
            self.diagnostics.append(_too_far(span))
            return None
        if not self._inside(real):
            self.diagnostics.append(
                error(
                    "include-outside",
                    f"`{head.text}` lies outside the tree of {self._path}",
                    span,
                    ", ".join(self._roots or ()),
                    "move it there, or allow its folder with --include-dir",
                )
            )
            return None
        if self._files.is_special(real):
            self.diagnostics.append(error("include", f"`{path}` is not a file", span))
            return None
        try:
            source = self._files.read(path)
        except UnreadableSource as unreadable:
            self.diagnostics.append(error("include", f"cannot include `{path}`: {unreadable}", span))
            return None
        if not source.regions:
            self.diagnostics.append(error("include", f"`{path}` holds no machdesc text", span))
            return None
        self._open.append(real)
        self._done[real] = self._statements(source)
        self._open.pop()
        return self._done[real]

    def _inside(self, real: str) -> bool:
        """Whether a resolved path lies in a folder that may be included from."""
        if self._roots is None:
            self._roots = (self._files.root(self._path), *(os.path.realpath(d) for d in self._allowed))
        return any(self._files.inside(root, real) for root in self._roots)

    def _check_header(self, tree: Tree, broken: bool) -> None:
        """Reports a text without its first line, or of another version of the language."""
        if tree.header is None:
            start = tree.source.regions[0].start
            if not broken:
                self.diagnostics.append(
                    error(
                        "no-header",
                        "the text does not begin with `machdesc 1`",
                        (start, start + 1, tree.source),
                        "",
                        "write `machdesc 1` as its first line",
                    )
                )
        elif tree.header.version.text != str(LANGUAGE_VERSION):
            self.diagnostics.append(
                error(
                    "language-version",
                    f"version {tree.header.version.text} of the language is not known",
                    tree.header.version.span,
                    str(LANGUAGE_VERSION),
                    "a newer machdesc may know it",
                )
            )

    def _duplicate(self, first: Statement, second: Statement) -> None:
        line = first.span[2].location(first.span[0])[0]
        name = second.id or second.head
        self.diagnostics.append(
            error(
                "duplicate-id" if second.id is not None else "duplicate",
                f"{title(second)} stands a second time",
                name.span if name is not None else second.keyword_span,
                "",
                f"it is described in line {line}; "
                + ("give one of them another id" if second.id is not None else "put both into one"),
            )
        )


def _too_far(span: Span) -> Diagnostic:
    allowed = f"{MAX_INCLUDE_DEPTH} files deep, {MAX_INCLUDED_FILES} files in all"
    return error("include-depth", "includes lead too far", span, allowed)


def _flat(tree: Tree) -> list[Placed]:
    """The statements of a tree, those of `host` one by one.

    They have one name space for their keys, as QEMU has one for the objects of both.
    """
    flat: list[Placed] = []
    for statement in tree.statements:
        if statement.keyword == "host":
            flat += [(inner, True) for inner in statement.statements]
        else:
            flat.append((statement, False))
    return flat
