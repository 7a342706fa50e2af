"""Compat hints: `dump` writes down what a running guest has, `show` prints it.

`compile --hints FILE` and `run --hints FILE` give a guest the same again, under another release or a
newer machine type.
"""

from __future__ import annotations

from machdesc.cli.connection import add_connection, connected
from machdesc.cli.file import is_regular, refuse_existing, write_output
from machdesc.cli.output import put, say
from machdesc.cli.report import fail
from machdesc.hints.hint import MOST_BYTES, DeviceHint, Hints, Unreadable, hint_text, parse_hints
from machdesc.source import read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping

    from machdesc.catalog.catalog import Catalog
    from machdesc.live.running import Running


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("action", choices=("dump", "show"), help="what to do")
    parser.add_argument("file", nargs="?", metavar="FILE", help="show: the file to print")
    add_connection(parser, required=False)
    parser.add_argument("-o", "--output", metavar="FILE", help="dump: the file to write")
    parser.add_argument("--force", action="store_true", help="dump: write over a file that is there")
    parser.add_argument("--catalog", metavar="DIR", help="use this harvested catalog")


def run(arguments: Namespace) -> int:
    """Dumps or shows; 0, or 2 when that cannot be done."""
    if arguments.action == "show":
        if arguments.file is None:
            fail("hints show: name the file to print")
        put(*_lines(read_hints(arguments.file)))
        return 0
    if arguments.file is not None or arguments.qmp is None or arguments.output is None:
        fail("hints dump: name the monitor with --qmp SOCKET and the file to write with -o FILE")
    _dump(arguments)
    return 0


def read_hints(path: str) -> Hints:
    """The hints of a file; ends the command when it holds none."""
    try:
        return parse_hints(read_bytes(path, MOST_BYTES, inherited=True))
    except OSError as failed:
        fail(f"{path}: {failed.strerror}")
    except Unreadable as unreadable:
        fail(f"{path}: {unreadable}")


def _dump(arguments: Namespace) -> None:
    from machdesc.cli.progress import progress
    from machdesc.live.dump import take_hints
    from machdesc.live.running import read_running

    refuse_existing(arguments.output, arguments.force)
    with connected(arguments) as (endpoint, monitor), progress() as show:
        show(f"reading {arguments.qmp}")
        running = read_running(monitor)
        words = endpoint.command_line()
    catalog = catalog_of(running, arguments.catalog)
    hints = take_hints(running, catalog, words)
    if not words:
        _warn(
            "the command line could not be read: flags that -cpu turned on or off are not told over QMP, "
            "and missing here"
        )
    write_output(arguments.output, hint_text(hints), fresh=not arguments.force)
    values = sum(len(device.values) for device in hints.devices)
    # A device or a pipe may be standard output itself.
    (put if is_regular(arguments.output) else say)(
        f"{arguments.output}: {hints.machine} of QEMU {hints.version}, {len(hints.devices)} devices, "
        f"{values} values"
    )


def catalog_of(running: Running, directory: str | None) -> Catalog:
    """The catalog that knows the running QEMU; any of its architecture, with a warning, where none does."""
    from machdesc.catalog.catalog import load_catalog
    from machdesc.target import UnknownTarget, find_build

    try:
        return find_build(running.release, running.package, running.arch, directory)[0]
    except UnknownTarget as unknown:
        try:
            catalog = load_catalog(running.arch, directory)
        except (OSError, ValueError):
            fail(str(unknown))
        _warn(f"{unknown}. All that it tells is kept, also what may be no property that can be set")
        return catalog


def _warn(message: str) -> None:
    say(f"machdesc: warning: {message}")


def _lines(hints: Hints) -> Iterator[str]:
    """What a file holds, for people."""
    package = f" ({hints.package})" if hints.package else ""
    yield f"QEMU {hints.version}{package}, {hints.arch}"
    yield f"machine {hints.machine}"
    yield from _values(hints.machine_values)
    yield "memory"
    yield from _values(hints.memory)
    yield f"cpu {hints.cpu}"
    yield from _values(hints.topology)
    yield from _values(hints.cpu_values)
    if hints.cpu_flags:
        yield "cpu, by the command line"
        yield from _values(hints.cpu_flags)
    for device in hints.devices:
        yield _title(device)
        yield from _values(device.values)


def _title(device: DeviceHint) -> str:
    from machdesc.hints.place import place_text

    place = place_text(device.bus, device.unit)
    name = f" {device.id}" if device.id else ""
    own = "" if device.given else "  (made by QEMU)"
    return f"device {device.type}{name}{f' at {place}' if place else ''}{own}"


def _values(values: Mapping[str, object]) -> Iterator[str]:
    from machdesc.abi.version import option_text

    for name, value in values.items():
        yield f"  {name} {option_text(value) if value != '' else repr('')}"
