"""Reports all that is wrong with descriptions: syntax, properties, and sense.

Exit code 0 when there are no errors (warnings may be printed), 1 when there are some.
"""

from __future__ import annotations

from machdesc.cli.file import find_descriptions
from machdesc.cli.report import add_color, add_includes, add_machine_types, add_target, fail, report, target
from machdesc.diagnostic import Diagnostic, has_errors
from machdesc.library import resolve_description
from machdesc.model.load import load, load_source
from machdesc.source import UnreadableSource, read_source
from machdesc.target import release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


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
        "--skip-foreign", action="store_true", help="pass over files without a machdesc text, for hooks"
    )
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Checks every file; 1 when one has an error."""
    catalog, release = target(arguments)
    horizon = release_of(arguments.horizon) if arguments.horizon is not None else ""
    if arguments.horizon is not None and not horizon:
        fail(f"--horizon: `{arguments.horizon}` is no release; write one such as 12.2")
    diagnostics: list[Diagnostic] = []
    allowed = tuple(arguments.include_dir)
    machine_types = tuple(arguments.machine_types)
    named = set(arguments.files)
    for path in find_descriptions(arguments.files):
        if arguments.skip_foreign or path not in named:
            try:
                source = read_source(path)
            except UnreadableSource:
                source = None
            if source is not None and not source.regions:
                continue
            description, found = load_source(source, allowed) if source else load(path, allowed)
        else:
            description, found = load(path, allowed)
        diagnostics += found
        if description is None or has_errors(found):
            continue
        if description.is_machine_type:
            from machdesc.resolve.entry import check_machine_type

            diagnostics += check_machine_type(description, catalog, release, machine_types)
        if not _is_guest(description.statements):
            continue
        diagnostics += resolve_description(description, release, catalog, machine_types=machine_types)[1]
        if arguments.horizon is not None:
            from machdesc.lifecycle.horizon import look_ahead

            diagnostics += look_ahead(description, horizon, catalog, allowed, machine_types)
    report(diagnostics, arguments.color)
    return int(has_errors(diagnostics) or (arguments.strict and bool(diagnostics)))


def _is_guest(statements: tuple[object, ...]) -> bool:
    """Whether a description is a guest, rather than a machine type or a base to be included."""
    keywords = {getattr(statement, "keyword", "") for statement in statements}
    return "machine-type" not in keywords and bool({"guest", "machine"} & keywords)
