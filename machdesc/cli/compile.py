"""Makes QEMU's configuration file and arguments from the description of a guest."""

from __future__ import annotations

import os

from machdesc.cli.file import write_output
from machdesc.cli.output import JSON, PLAIN, emit
from machdesc.cli.report import add_color, add_includes, add_machine_types, add_target, fail, report, target
from machdesc.diagnostic import file_error, has_errors
from machdesc.library import Compiled, compile
from machdesc.model.load import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from machdesc.catalog.catalog import Catalog
    from machdesc.diagnostic import Diagnostic


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("file", metavar="FILE", help="the description of a guest")
    add_compiling(parser)
    parser.add_argument(
        "--format",
        choices=("args", "config", "argv", "json"),
        default="args",
        help="args: the command line, for people (default); argv: the same as a JSON array; "
        "config: a file for -readconfig, and the arguments that it cannot hold; json: the resolved guest",
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", help="write files named after the guest into this folder"
    )


def add_compiling(parser: ArgumentParser) -> None:
    """The options that `run` has too."""
    add_target(parser)
    add_includes(parser)
    add_machine_types(parser)
    parser.add_argument(
        "--latest",
        action="store_true",
        help="allow a machine without a version, for guests that are thrown away",
    )
    parser.add_argument(
        "--hints", metavar="FILE", help="give the guest what it had when `machdesc hints dump` made this file"
    )
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Compiles one guest and prints or writes it; 1 when it has errors, and then no output."""
    compiled, diagnostics = compiled_file(arguments)
    outputs: dict[str, str] = {}
    if compiled is not None:
        outputs, more = _outputs(compiled, arguments)
        diagnostics += more
    report(diagnostics, arguments.color)
    if compiled is None or has_errors(diagnostics):
        return 1
    if arguments.output is None:
        emit("".join(outputs.values()), JSON if arguments.format in ("argv", "json") else PLAIN)
        return 0
    try:
        os.makedirs(arguments.output, exist_ok=True)
    except OSError as failed:
        fail(f"{failed.filename or arguments.output}: {failed.strerror or failed}")
    for name, text in outputs.items():
        write_output(os.path.join(arguments.output, name), text)
    return 0


def compiled_file(arguments: Namespace) -> tuple[Compiled | None, list[Diagnostic]]:
    """The compiled guest of the file that the arguments name; None when it has errors."""
    return compiled_for(arguments, *target(arguments))


def compiled_for(
    arguments: Namespace, catalog: Catalog, release: str | None
) -> tuple[Compiled | None, list[Diagnostic]]:
    """The same for a target that is found already."""
    description, diagnostics = load(arguments.file, tuple(arguments.include_dir))
    if description is None or has_errors(diagnostics):
        return None, diagnostics
    if description.is_machine_type:
        message = "describes a machine type, not a guest"
        return None, [*diagnostics, file_error("not-a-guest", message, arguments.file)]
    floating = "warning" if arguments.latest else "error"
    hints = None
    if arguments.hints is not None:
        from machdesc.cli.hints import read_hints

        hints = arguments.hints, read_hints(arguments.hints)
    compiled, more = compile(description, release, catalog, floating, tuple(arguments.machine_types), hints)
    return compiled, diagnostics + more


def _outputs(compiled: Compiled, arguments: Namespace) -> tuple[dict[str, str], list[Diagnostic]]:
    """The texts of the format that is asked for, by file name."""
    from machdesc.backend.argument import argv_text, shell_comment, shell_text
    from machdesc.backend.config import comment

    statement = compiled.guest.description.one("guest")
    stem = os.path.splitext(os.path.basename(arguments.file))[0]
    if statement is not None and statement.id is not None and "/" not in statement.id.text:
        stem = statement.id.text
    note = comment(compiled.floating)
    if arguments.format == "args":
        return {f"{stem}.args": note + shell_text(compiled.program, compiled.arguments())}, []
    if arguments.format == "argv":
        return {f"{stem}.argv.json": argv_text(compiled.program, compiled.arguments())}, []
    if arguments.format == "json":
        from machdesc.json_text import json_text

        return {f"{stem}.json": json_text(compiled.document())}, []
    config, rest, diagnostics = compiled.config()
    path = f"{stem}.cfg" if arguments.output is None else os.path.join(arguments.output, f"{stem}.cfg")
    rest = ["-readconfig", path, *rest]
    if arguments.output is None:
        # An empty line ends the arguments: what follows has comments of its own.
        return {"args": shell_comment(compiled.program, rest) + "\n", "cfg": note + config}, diagnostics
    words = shell_text(compiled.program, rest)
    return {f"{stem}.cfg": note + config, f"{stem}.args": note + words}, diagnostics
