"""Raises versions of a guest to an ABI version: of the machine, of devices, of the CPU model.

Nothing else of the text changes. The diff is shown, with what a guest would notice, and written.
"""

from __future__ import annotations

from machdesc.cli.transition import add_writing, read_guest, report_errors, write_transition
from machdesc.lifecycle.upgrade import upgrade

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("file", metavar="FILE", help="the description of a guest")
    parser.add_argument("--to", metavar="VERSION", required=True, help="the ABI version, such as 11.1")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="ID",
        help="raise this alone: a device by its id, `machine` or `cpu`; several times if you like. Devices "
        "that follow the machine keep their version, which is then written out",
    )
    add_writing(parser)


def run(arguments: Namespace) -> int:
    """Upgrades one guest; 1 when it has errors, and then nothing is written."""
    guest, terms = read_guest(arguments)
    if guest is None:
        return 1
    transition, diagnostics = upgrade(guest, arguments.to, terms, arguments.only)
    if report_errors(diagnostics, arguments.color) or transition is None:
        return 1
    return write_transition(transition, arguments)
