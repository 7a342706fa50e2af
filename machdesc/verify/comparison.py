"""A guest's description against one QEMU: one that is started for it, or one that runs."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from machdesc.backend.option import Option
from machdesc.library import Compiled
from machdesc.live.guest import start_guest
from machdesc.live.running import Running, read_running
from machdesc.live.sandbox.front_end import FrontEnd
from machdesc.live.sandbox.result import Harmless, Place
from machdesc.live.sandbox.sandbox import replace_back_ends
from machdesc.live.view import read_view
from machdesc.verify.device import compare_devices
from machdesc.verify.finding import Findings
from machdesc.verify.machine import compare_machine, compare_objects
from machdesc.verify.naming import naming
from machdesc.verify.sight.comparison import compare_view


class Verdict(NamedTuple):
    """What was found with a QEMU of some build, such as `10.0.13`; and where its guest may look different
    from the real one because of harmless back ends."""

    build: str
    findings: Findings
    places: tuple[Place, ...]


def compare_started(compiled: Compiled, binary: str, file: str, patience: float) -> Verdict:
    """Starts the guest with harmless back ends, and compares with what QMP tells and what the guest reads.
    The files that a description names are looked for beside it.

    :raises machdesc.live.child.QemuFailure: when QEMU does not start, dies or hangs.
    """
    harmless = harmless_guest(compiled, file)
    with naming(binary), start_guest(shlex.split(binary), harmless, patience=patience) as process:
        running = read_running(process.monitor)
        # The last, since a guest that was read has been changed.
        try:
            view, unread = read_view(process), ""
        except RuntimeError as failed:
            view, unread = {}, str(failed)
    changed = _types(compiled.options).items() - _types(harmless.options).items()
    replaced = frozenset(name for name, _ in changed)
    findings = _compare(compiled, running, replaced, True, harmless.changed)
    if unread:
        findings.passed.append(f"what the guest reads: {unread}")
    else:
        compare_view(compiled.guest, running, view, replaced, findings)
    return Verdict(running.version, findings, harmless.places)


def compare_running(compiled: Compiled, running: Running) -> Verdict:
    """Compares with a QEMU that somebody else runs."""
    return Verdict(running.version, _compare(compiled, running, frozenset(), False, frozenset()), ())


def harmless_guest(compiled: Compiled, file: str) -> Harmless:
    """A compiled guest with harmless back ends; `file` is its description."""
    harmless = replace_back_ends(compiled, Path(file).absolute().parent)
    if not harmless.replaced:
        return harmless
    replaced = Place("back ends", f"are replaced by harmless ones: {', '.join(harmless.replaced)}")
    return replace(harmless, places=(replaced, *harmless.places))


def _compare(
    compiled: Compiled,
    running: Running,
    replaced: frozenset[str],
    emulated: bool,
    changed: frozenset[tuple[str, str]],
) -> Findings:
    findings = Findings(changed=changed)
    compare_machine(compiled.guest, running, emulated, findings)
    compare_devices(compiled.guest, running, replaced, findings)
    compare_objects(compiled.guest, running, replaced, findings)
    return findings


def _types(options: tuple[Option, ...]) -> dict[str, str]:
    """Front ends and objects: id, or the type of a front end without one -> type."""
    devices = [FrontEnd.of(option) for option in options if option.name == "device"]
    found = {device.name: device.type for device in devices}
    return found | {option.id: option.first for option in options if option.name == "object"}
