"""Moves a guest to a younger machine type and keeps its hardware: old versions are written on its devices.

What else the machine's version decides is written as well: its properties, those of its own devices,
those of the processors. The diff is shown, with what cannot be kept, and written.
"""

from __future__ import annotations

from machdesc.cli.transition import add_writing, read_guest, report_errors, write_transition
from machdesc.lifecycle.rebase import rebase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("file", metavar="FILE", help="the description of a guest")
    parser.add_argument(
        "--to", metavar="VERSION", required=True, help="the ABI version of the machine, such as 11.1"
    )
    add_writing(parser)


def run(arguments: Namespace) -> int:
    """Rebases one guest; 1 when it has errors, and then nothing is written."""
    guest, terms = read_guest(arguments)
    if guest is None:
        return 1
    transition, diagnostics = rebase(guest, arguments.to, terms)
    if report_errors(diagnostics, arguments.color) or transition is None:
        return 1
    return write_transition(transition, arguments)
