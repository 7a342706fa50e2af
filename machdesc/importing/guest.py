"""A description of a running guest: a skeleton of its machine and devices, completed by their values.

The skeleton holds what nothing but the running QEMU tells: types, ids, places, back ends. It is
resolved like any description; then every value that it would not have by itself is laid over it, as
hints are (`machdesc.hints.overlay`), and the whole is written down and pinned.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from machdesc.abi.onboard import own_types_of_any
from machdesc.catalog.catalog import Catalog
from machdesc.diagnostic import Diagnostic, has_errors
from machdesc.hints.overlay import lay_over
from machdesc.importing.argument import CommandLine
from machdesc.importing.back_end import BackEnds, host_statements
from machdesc.importing.build import Build
from machdesc.importing.front_end import Devices
from machdesc.importing.lasting import lasting
from machdesc.importing.left_out import left_out
from machdesc.importing.machine import (
    firmware_statements,
    global_statements,
    machine_line,
    machine_statements,
    numa_statements,
    object_statements,
    unwritten_processors,
)
from machdesc.importing.snapshot import with_snapshots
from machdesc.importing.text import node_text
from machdesc.live.dump import take_hints
from machdesc.live.monitor import Monitor
from machdesc.live.running import Running
from machdesc.model.load import load_source
from machdesc.pinning.pin import pin
from machdesc.resolve.resolve import resolve
from machdesc.source import source_of
from machdesc.syntax.format import INDENT, format_tree
from machdesc.syntax.parse import parse

_NAME = "imported"
"""What the text is called in diagnostics."""

_UNREAD = (
    "the command line could not be read: what -smbios, -fw_cfg, -rtc, -global, -fsdev, -numa and the flags "
    "of -cpu said is not told over QMP, and missing here"
)


class Imported(NamedTuple):
    """The text of a description, what is wrong with it, and sentences of what could not be found out."""

    text: str
    diagnostics: list[Diagnostic]
    untold: list[str]


def import_guest(
    running: Running,
    monitor: Monitor,
    command_line: CommandLine,
    catalog: Catalog,
    release: str | None = None,
) -> Imported:
    """Describes a guest, which is only asked. `release` is the name by which the catalog knows its QEMU, if
    that is not the release's own."""
    build = Build(catalog, release or running.release)
    untold = [*left_out(command_line), *([] if len(command_line) else [_UNREAD])]
    chardevs = {str(c["label"]): str(c["filename"]) for c in monitor.ask("query-chardev")}
    command_line = with_snapshots(lasting(command_line, chardevs))
    back_ends = BackEnds(monitor, command_line)
    devices = Devices(running, command_line, build, _own_types(running, command_line, build))
    text = _skeleton(running, command_line, build, devices, back_ends)
    untold = [*devices.untold, *unwritten_processors(running), *back_ends.untold(), *untold]
    description, diagnostics = load_source(source_of(text, _NAME))
    if description is None or has_errors(diagnostics):
        return Imported(text, diagnostics, untold)
    guest, diagnostics = resolve(description, *build)
    if has_errors(diagnostics):
        return Imported(text, diagnostics, untold)
    hints = take_hints(running, build.catalog)
    # Controllers that `usb on` brings along are described, so that devices have a bus to be plugged into.
    values = {name: value for name, value in hints.machine_values.items() if name != "usb"}
    hints = hints._replace(devices=tuple(devices.hints(guest)), machine_values=values)
    laid, more = lay_over(guest, hints, _NAME, devices.wishes())
    text = _whole(map(node_text, laid.statements), map(node_text, laid.host))
    found = [diagnostic for diagnostic in more if diagnostic.code != "no-hint"]
    tree, broken = parse(source_of(text, _NAME))
    if broken:
        return Imported(text, [*broken, *found], untold)
    return Imported(*_pinned(format_tree(tree), build, found), untold)


def _own_types(running: Running, command_line: CommandLine, build: Build) -> frozenset[str]:
    """The types of devices that the machine brings along."""
    text = _whole([machine_line(running, command_line, build)], ())
    description, _ = load_source(source_of(text, _NAME))
    assert description is not None
    return own_types_of_any(resolve(description, *build)[0])


def _skeleton(
    running: Running, command_line: CommandLine, build: Build, devices: Devices, back_ends: BackEnds
) -> str:
    """A description without the values of devices."""
    outside = [
        *machine_statements(running, command_line, build),
        *object_statements(running, command_line, build),
        *numa_statements(command_line),
        *devices.statements(back_ends),
        *firmware_statements(running, command_line),
        *global_statements(running, command_line),
    ]
    is_microvm = running.machine_type == "microvm"
    return _whole(outside, [*host_statements(command_line, is_microvm), *back_ends.statements()])


def _whole(outside: Iterable[str], host: Iterable[str]) -> str:
    """The text of a description from its statements."""
    pieces = ["machdesc 1", *outside]
    inner = "\n".join(host)
    if inner:
        # Not splitlines(): a text may hold characters that end lines for Python, and none for the language.
        pieces.append("host {\n" + "".join(f"{INDENT}{line}\n" for line in inner.split("\n")) + "}")
    return "\n\n".join(pieces) + "\n"


def _pinned(text: str, build: Build, found: list[Diagnostic]) -> tuple[str, list[Diagnostic]]:
    """The text with versions and what else QEMU would choose, and what lint says of it."""
    description, diagnostics = load_source(source_of(text, _NAME))
    if description is None or has_errors(diagnostics):
        return text, [*found, *diagnostics]
    source, more = pin(description, build.release, build.catalog)
    return (source.text if source is not None else text), [*found, *more]
