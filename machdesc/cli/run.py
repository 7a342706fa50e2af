"""Compiles a guest for the QEMU that is found, and becomes that QEMU. What stands behind `--` is given to
QEMU as it is.
"""

from __future__ import annotations

import os

from machdesc.cli.compile import add_compiling, compiled_file
from machdesc.cli.output import emit, flush
from machdesc.cli.report import fail, report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


REST = "arguments"
"""The argument that gets what stands behind `--`."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("file", metavar="FILE", help="the description of a guest")
    add_compiling(parser)
    parser.add_argument("--dry-run", action="store_true", help="print the command line instead")


def run(arguments: Namespace) -> int:
    """Executes QEMU in place of this process; 1 when the guest has errors, 2 without a QEMU."""
    import shlex
    import shutil

    from machdesc.target import release_of

    wanted = arguments.qemu or os.environ.get("MACHDESC_QEMU") or ""
    release = release_of(wanted)
    binary = "qemu-system-x86_64" if release or not wanted else wanted
    try:
        words = shlex.split(binary)
    except ValueError as wrong:
        fail(f"--qemu: `{binary}`: {wrong}")
    if not words or shutil.which(words[0]) is None:
        fail(f"no QEMU found as `{binary}`: install one, or name it with --qemu BINARY")
    if not release:
        arguments.qemu = binary
    compiled, diagnostics = compiled_file(arguments)
    report(diagnostics, arguments.color)
    if compiled is None:
        return 1
    argv = [*words, *compiled.arguments(), *arguments.arguments]
    if arguments.dry_run:
        from machdesc.backend.argument import shell_text

        emit(shell_text(argv[0], argv[1:]))
        return 0
    flush()
    try:
        os.execvp(argv[0], argv)
    except OSError as failed:
        fail(f"{argv[0]}: {failed.strerror}")
