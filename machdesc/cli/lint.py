"""Reports all that is wrong with descriptions: syntax, properties, and sense.

Exit code 0 when there are no errors (warnings may be printed), 1 when there are some, 2 when a folder holds
no descriptions.
"""

from __future__ import annotations

import os

from machdesc.cli.file import empty_folders, find_descriptions, look_into_folders
from machdesc.cli.report import add_color, add_includes, add_machine_types, add_target, fail, report, target
from machdesc.diagnostic import WARNING, Diagnostic, has_errors
from machdesc.library import lint_description
from machdesc.model.load import is_raw_name, load
from machdesc.source import UnreadableSource, is_inherited, read_source
from machdesc.target import release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from machdesc.catalog.catalog import Catalog
    from machdesc.model.guest import Description


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="descriptions, or folders of them")
    add_target(parser)
    add_includes(parser)
    add_machine_types(parser)
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument(
        "--horizon",
        metavar="RELEASE",
        help="warn of what a later QEMU does not have or deprecates, and tell the way out; for releases that "
        "are not known yet by QEMU's rule about machine types",
    )
    parser.add_argument(
        "--skip-foreign", action="store_true", help="ignore files without a machdesc text, for hooks"
    )
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Checks every file; 1 when one has an error."""
    catalog, release = target(arguments)
    horizon = release_of(arguments.horizon) if arguments.horizon is not None else ""
    if arguments.horizon is not None and not horizon:
        fail(f"--horizon: `{arguments.horizon}` is no release; write one such as 12.2")
    linting = _Linting(arguments, catalog, release, horizon)
    empty = []
    for path in arguments.files:
        found = find_descriptions([path])
        skip_foreign = arguments.skip_foreign or found != [path]
        read = [linting.read(name, skip_foreign) for name in found]
        if not any(read) and not arguments.skip_foreign:
            empty += empty_folders([path])
    linting.finish()
    diagnostics = [*look_into_folders(arguments.files), *linting.diagnostics, *empty]
    report(diagnostics, arguments.color)
    if empty:
        return 2
    return int(has_errors(diagnostics) or (arguments.strict and bool(diagnostics)))


class _Linting:
    """One run of `lint`: what it found wrong, and the files that may be there for others to include."""

    def __init__(self, arguments: Namespace, catalog: Catalog, release: str | None, horizon: str) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._target = catalog, release
        self._allowed = tuple(arguments.include_dir)
        self._machine_types = tuple(arguments.machine_types)
        self._horizon = horizon
        self._seen: list[str] = []
        self._nameless: dict[str, Description] = {}

    def read(self, path: str, skip_foreign: bool) -> bool:
        """Checks a file; one that names no guest waits until `finish`. Whether it was not passed over."""
        self._seen.append(path)
        if skip_foreign and _is_foreign(path):
            return False
        description, found = load(path, self._allowed)
        self.diagnostics += found
        if description is None or has_errors(found):
            return True
        if description.is_machine_type:
            from machdesc.resolve.entry import check_machine_type

            self.diagnostics += check_machine_type(description, *self._target, self._machine_types)
        elif description.one("guest") is None:
            self._nameless[path] = description
        else:
            self._check(description)
        return True

    def finish(self) -> None:
        """Checks bases through those that include them, and by themselves where nobody does."""
        if not self._nameless:
            return
        from machdesc.check.dependent import find_dependents, find_includers

        includers = find_includers(dict.fromkeys([*map(os.path.normpath, self._seen), *self._others()]))
        known = {os.path.realpath(path) for path in self._seen}
        for path in find_dependents(includers, self._nameless):
            if os.path.realpath(path) not in known:
                self.read(path, True)
        for path, description in self._nameless.items():
            if includers.get(os.path.realpath(path)):
                continue
            if description.one("machine") is not None:
                self._check(description)
            else:
                message = (
                    "describes no guest, and none that was found includes it: only its syntax was checked"
                )
                self.diagnostics.append(Diagnostic(WARNING, "unused-base", message, None, name=path))

    def _others(self) -> list[str]:
        """The files in the repositories of those that name no guest."""
        from machdesc.check.baseline import UnreadableBaseline, repository_of
        from machdesc.check.dependent import including_files

        others: dict[str, list[str]] = {}
        for path in self._nameless:
            try:
                repository = repository_of(path)
                if repository.top not in others:
                    others[repository.top] = including_files(repository)
            except UnreadableBaseline:
                # Without git, only the files that were named can include it.
                continue
        return [name for names in others.values() for name in names]

    def _check(self, description: Description) -> None:
        """Checks a guest."""
        catalog, release = self._target
        folders = self._machine_types
        self.diagnostics += lint_description(description, release, catalog, folders)
        if self._horizon:
            from machdesc.lifecycle.horizon import look_ahead

            self.diagnostics += look_ahead(description, self._horizon, catalog, self._allowed, folders)


def _is_foreign(path: str) -> bool:
    """Whether a file can be read, again if need be, and neither holds machdesc text nor is called as if it
    did."""
    if is_raw_name(path):
        return False
    try:
        return not is_inherited(path) and not read_source(path).regions
    except UnreadableSource:
        return False
