"""Describes a guest that has no description yet.

`qmp` asks a QEMU that runs, over its monitor, and writes down the whole guest: its machine, CPU, memory,
devices with their addresses and what differs from defaults, and the back ends in `host`.
"""

from __future__ import annotations

from machdesc.cli.connection import add_connection, connected
from machdesc.cli.file import refuse_existing, write_output
from machdesc.cli.output import emit, say
from machdesc.cli.progress import progress
from machdesc.cli.report import add_color, fail, report
from machdesc.diagnostic import has_errors
from machdesc.target import UnknownTarget, find_build

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from machdesc.live.running import Running


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("source", choices=("qmp",), help="where the guest is")
    add_connection(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write the description to this file")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.add_argument("--catalog", metavar="DIR", help="use this harvested catalog")
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Imports one guest; 1 when its description has errors, which is printed all the same."""
    from machdesc.importing.argument import read_command_line
    from machdesc.importing.guest import import_guest
    from machdesc.live.running import read_running

    if arguments.output:
        refuse_existing(arguments.output, arguments.force)
    with connected(arguments) as (endpoint, monitor):
        with progress() as show:
            show(f"reading {arguments.qmp}")
            running = read_running(monitor)
        try:
            build = find_build(running.release, running.package, running.arch, arguments.catalog)
        except UnknownTarget as unknown:
            fail(str(unknown))
        command_line = read_command_line(endpoint.command_line()[1:], endpoint.read_file)
        imported = import_guest(running, monitor, command_line, *build)
    for line in imported.untold:
        say(f"machdesc: warning: {line}")
    report(imported.diagnostics, arguments.color)
    if arguments.output:
        text = _file_text(arguments.output, imported.text, running)
        write_output(arguments.output, text, fresh=not arguments.force)
    else:
        emit(imported.text)
    return int(has_errors(imported.diagnostics))


def _file_text(path: str, text: str, running: Running) -> str:
    """The text of a file: in a Markdown file as its only block."""
    if not path.endswith(".md"):
        return text
    origin = f"Read from QEMU {running.version}" + (f" ({running.package})" if running.package else "")
    return f"# {running.name or 'A guest'}\n\n{origin}.\n\n```machdesc\n{text}```\n"
