"""Holds a description against a real QEMU: does it show what the description says?

With one --qemu the compiled guest is started there, paused, with harmless back ends in place of the real
ones; with two, what the guest sees in the one is held against the other. With --qmp a running guest is
asked and left alone. Exit code 0: no difference; 1: differences; 2: wrong use, or a QEMU that fails.
"""

from __future__ import annotations

import os

from machdesc.cli.compile import compiled_for
from machdesc.cli.connection import add_connection, connected
from machdesc.cli.output import put, say
from machdesc.cli.progress import progress
from machdesc.cli.report import add_color, add_includes, add_machine_types, fail, report
from machdesc.diagnostic import has_errors
from machdesc.ending import ended_in_order
from machdesc.target import UnknownTarget, find_binary, find_build, release_of, require_arch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from machdesc.catalog.catalog import Catalog
    from machdesc.diagnostic import Diagnostic
    from machdesc.library import Compiled
    from machdesc.live.sandbox.result import Place
    from machdesc.verify.comparison import Verdict


_ARCH = "x86_64"
"""The architecture that descriptions are for."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("file", metavar="FILE", help="the description of a guest")
    parser.add_argument(
        "--qemu",
        action="append",
        default=[],
        metavar="BINARY",
        help="the QEMU to start, which may be several words, such as 'chroot DIR qemu-system-x86_64' "
        "(default: MACHDESC_QEMU). Twice: the old and the new one, which are compared",
    )
    add_connection(parser, required=False)
    parser.add_argument(
        "--migrate",
        action="store_true",
        help="with two: save the state in the first, and load it into the second",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="with one QEMU: tell what was not compared, and why"
    )
    parser.add_argument("--catalog", metavar="DIR", help="use this harvested catalog")
    add_includes(parser)
    add_machine_types(parser)
    parser.add_argument("--hints", metavar="FILE", help="verify what `compile --hints FILE` makes")
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Verifies one guest."""
    binaries = arguments.qemu or list(filter(None, [os.environ.get("MACHDESC_QEMU")]))
    _check_use(arguments, binaries)
    from machdesc.live.child import QemuFailure

    try:
        with ended_in_order():
            if arguments.qmp is not None:
                return _verify_running(arguments)
            if len(binaries) == 1:
                return _verify_started(arguments, binaries[0])
            return _verify_upgrade(arguments, *binaries)
    except (QemuFailure, UnknownTarget) as failure:
        fail(str(failure))


def _check_use(arguments: Namespace, binaries: list[str]) -> None:
    if arguments.qmp is not None and arguments.qemu:
        fail("--qemu starts a QEMU, --qmp asks one that runs: give one of them")
    if arguments.qmp is None and not binaries:
        fail("name a QEMU to start with --qemu BINARY, or the monitor of a running one with --qmp SOCKET")
    if len(binaries) > 2:
        fail("--qemu: two binaries can be compared, not more")
    if arguments.migrate and len(binaries) != 2:
        fail("--migrate: needs two --qemu, the one to save in and the one to load in")
    for binary in binaries:
        if not binary.strip():
            fail("--qemu: names no QEMU; it needs a binary that can be started")
        if release_of(binary):
            fail(f"--qemu: `{binary}` is a release; verifying needs a binary that can be started")


def _compiled(
    arguments: Namespace, catalog: Catalog, release: str
) -> tuple[Compiled | None, list[Diagnostic]]:
    """The guest compiled for one QEMU, and what is wrong with it."""
    arguments.latest = True
    return compiled_for(arguments, catalog, release)


def _compiled_for_binary(arguments: Namespace, binary: str) -> tuple[Compiled | None, list[Diagnostic]]:
    found = find_binary(binary, directory=arguments.catalog, patience=arguments.timeout)
    return _compiled(arguments, *found)


def _verify_started(arguments: Namespace, binary: str) -> int:
    from machdesc.verify.comparison import compare_started

    compiled, diagnostics = _compiled_for_binary(arguments, binary)
    report(diagnostics, arguments.color)
    if compiled is None:
        return 1
    with progress() as show:
        show(f"starting {binary}")
        verdict = compare_started(compiled, binary, arguments.file, arguments.timeout)
    return _tell(arguments, verdict)


def _verify_running(arguments: Namespace) -> int:
    from machdesc.live.running import read_running
    from machdesc.verify.comparison import compare_running

    with connected(arguments) as (_, monitor), progress() as show:
        show(f"reading {arguments.qmp}")
        running = read_running(monitor)
    require_arch(f"the QEMU at {arguments.qmp}", running.arch, _ARCH)
    build = find_build(running.release, running.package, _ARCH, arguments.catalog)
    compiled, diagnostics = _compiled(arguments, *build)
    report(diagnostics, arguments.color)
    if compiled is None:
        return 1
    return _tell(arguments, compare_running(compiled, running))


def _verify_upgrade(arguments: Namespace, *binaries: str) -> int:
    from machdesc.verify.upgrade import Side, compare_upgrade

    sides: list[Side] = []
    said: list[Diagnostic] = []
    for binary in binaries:
        compiled, diagnostics = _compiled_for_binary(arguments, binary)
        said += [diagnostic for diagnostic in diagnostics if diagnostic not in said]
        sides += [Side(binary, compiled)] if compiled is not None else []
    report(said, arguments.color)
    if len(sides) < len(binaries):
        return 1
    old, new = sides
    try:
        with progress() as show:
            found = compare_upgrade(old, new, arguments.file, arguments.migrate, arguments.timeout, show)
    except RuntimeError as unread:
        fail(f"the guest cannot be read: {unread}")
    report(found.differences, arguments.color)
    _note(found.places)
    unsafe = has_errors(found.differences)
    state = f"; its state of {found.state} bytes went along" if found.state is not None else ""
    releases = " → ".join(side.compiled.guest.release for side in sides)
    put(
        f"{arguments.file}: QEMU {releases}: the guest would "
        f"{'notice the upgrade' if unsafe else 'not notice the upgrade'}: "
        f"{found.values} values compared{state}"
    )
    return 1 if unsafe else 0


def _note(places: Iterable[Place]) -> None:
    """Where the guest that was looked at may differ from the real one."""
    for place in places:
        say(f"note: {place.subject}: {place.reason}")


def _tell(arguments: Namespace, verdict: Verdict) -> int:
    """Prints a verdict; 1 when there are differences."""
    findings = verdict.findings
    report(findings.differences, arguments.color)
    _note(verdict.places)
    if arguments.verbose:
        for line in findings.passed:
            say(f"not compared: {line}")
    if not findings.values and not findings.devices:
        fail(f"{arguments.file}: nothing could be compared; -v lists why")
    same = not has_errors(findings.differences)
    what = "shows what the description says" if same else "shows something else"
    passed = f"; {len(findings.passed)} were not" if findings.passed else ""
    more = " (-v lists them)" if passed and not arguments.verbose else ""
    put(
        f"{arguments.file}: QEMU {verdict.build} {what}: "
        f"{findings.devices} device{'s' * (findings.devices != 1)} and {findings.values} values were compared"
        f"{passed}{more}"
    )
    return 0 if same else 1
