"""Writes into descriptions what QEMU would choose: versions, addresses, ids, numbers of queues.

Nothing that a description says is changed, and pinning twice changes nothing. A device that is gone
leaves its place empty, as far as the file's versions in git tell. A file with errors stays as it is.
"""

from __future__ import annotations

from machdesc.cli.history import former_places
from machdesc.cli.report import add_color, add_includes, add_target, report, target
from machdesc.cli.rewrite import add_rewriting, rewrite
from machdesc.diagnostic import has_errors
from machdesc.model.load import load
from machdesc.pinning.pin import STRATEGIES, pin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from machdesc.diagnostic import Diagnostic


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="descriptions of guests")
    parser.add_argument(
        "--strategy",
        choices=STRATEGIES,
        default="qemu",
        help="qemu: PCI addresses as QEMU gives them (default); hotplug: a root port for each device, on q35",
    )
    add_rewriting(parser)
    add_target(parser)
    add_includes(parser)
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Pins every file; 1 when one has errors, or with `--check` when one would change."""
    catalog, release = target(arguments)
    allowed = tuple(arguments.include_dir)
    diagnostics: list[Diagnostic] = []
    changed = False
    for path in arguments.files:
        description, found = load(path, allowed)
        if description is not None and not has_errors(found):
            source, found = pin(
                description, release, catalog, former_places(path), allowed, arguments.strategy
            )
            if source is not None:
                undone = f"not pinned; run: machdesc pin {path}"
                different, more = rewrite(description.source, source.text, arguments, undone)
                changed = changed or different
                found = [*found, *more]
        diagnostics += found
    report(diagnostics, arguments.color)
    return int(has_errors(diagnostics) or (arguments.check and changed))
