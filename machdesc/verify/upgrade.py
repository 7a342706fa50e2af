"""One guest in two QEMUs: what it would find changed after an upgrade, and whether its state goes along.

Of what differs, tables of the firmware are told as warnings: they lie in the guest's memory, so that one
that moves keeps its own, and one that starts anew reads new ones. So is what the processor can do where
the guest's own is not emulated as it is here.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from machdesc.abi.machine_choice import accelerators
from machdesc.diagnostic import Diagnostic, error, warning
from machdesc.ending import scratch_folder
from machdesc.library import Compiled
from machdesc.live.guest import start_guest, view_guest
from machdesc.live.process import Process
from machdesc.live.running import read_running
from machdesc.live.sandbox.result import Harmless, Place
from machdesc.live.state import StateFailure, load_state, save_state
from machdesc.live.view import Difference, View, differences
from machdesc.model.heading import heading
from machdesc.verify.comparison import harmless_guest
from machdesc.verify.device import name_of, pair_devices
from machdesc.verify.finding import span_of
from machdesc.verify.naming import naming
from machdesc.verify.place import mmio_path, pci_paths

if TYPE_CHECKING:
    from machdesc.syntax.tree import Span

_TABLES = ("acpi", "smbios", "fw_cfg")
_PROCESSOR = ("cpuid", "processor")
_SHOWN, _WIDTH = 3, 32
"""Differences of one device, or of one kind, that are told one by one; and characters of a value."""


class Side(NamedTuple):
    """A QEMU, as `--qemu` names it, and the guest compiled for it."""

    binary: str
    compiled: Compiled


class Upgrade(NamedTuple):
    """What was found: differences at their places in the description, how many values were compared,
    where the guest may look different from the real one, and the bytes of the state that went along
    (None: it was not tried, or did not)."""

    differences: list[Diagnostic]
    values: int
    places: tuple[Place, ...]
    state: int | None


class _Started(NamedTuple):
    """A side, its guest with harmless back ends, and how long each answer may take, in seconds."""

    side: Side
    harmless: Harmless
    patience: float

    @property
    def command(self) -> list[str]:
        """The words that start the QEMU."""
        return shlex.split(self.side.binary)


def compare_upgrade(
    old: Side, new: Side, file: str, migrate: bool, patience: float, tell: Callable[[str], None]
) -> Upgrade:
    """Starts the guest in both. `tell` is called with what is being done.

    :raises machdesc.live.child.QemuFailure: when one of them does not start, dies or hangs.
    :raises RuntimeError: when a guest cannot be read.
    """
    before, after = (_Started(side, harmless_guest(side.compiled, file), patience) for side in (old, new))
    views: list[View] = []
    for each in (before, after):
        tell(f"reading what the guest sees in {each.side.binary}")
        with naming(each.side.binary):
            views.append(view_guest(each.command, each.harmless, patience=patience))
    tell(f"reading the devices of {new.binary}")
    owners = _owners(after)
    found = _grouped(differences(*views, other_build=True), new, owners)
    state = None
    if migrate:
        state, refused = _migrate(before, after, tell)
        found += [refused] if refused is not None else []
    return Upgrade(found, len(views[0].keys() | views[1].keys()), after.harmless.places, state)


def _grouped(found: list[Difference], new: Side, owners: Mapping[str, tuple[str, Span]]) -> list[Diagnostic]:
    """A diagnostic for each device, or kind of thing, that is shown otherwise."""
    groups: dict[tuple[str, str], list[Difference]] = {}
    for difference in found:
        kind = _TABLES[0] if _is_acpi_port(difference) else difference.key[0]
        path = difference.key[1] if kind in ("pci", "virtio") and len(difference.key) > 1 else ""
        groups.setdefault((path or kind, path), []).append(difference)
    guest = new.compiled.guest
    emulated = accelerators(guest)[0] == "tcg"
    diagnostics = []
    for (name, path), members in groups.items():
        subject, span = owners.get(
            path, (f"{name}", span_of(guest, "cpu" if name in _PROCESSOR else "machine"))
        )
        words = [_told(member, bool(path)) for member in members[:_SHOWN]]
        more = f"; and {len(members) - _SHOWN} more" if len(members) > _SHOWN else ""
        message = f"{subject} is shown otherwise: {'; '.join(words)}{more}"
        if name in _TABLES:
            help = "a guest that moves keeps its tables; one that starts anew reads the new ones"
            diagnostics.append(warning("tables-differ", message, span, "", help))
        elif name in _PROCESSOR and not emulated:
            help = "the processor is emulated here; the guest's own comes from its host"
            diagnostics.append(warning("processor-differs", message, span, "", help))
        else:
            help = "machdesc check --old-qemu OLD --new-qemu NEW tells what of this is a known defect"
            diagnostics.append(error("upgrade-differs", message, span, "", help))
    return diagnostics


def _is_acpi_port(difference: Difference) -> bool:
    """Whether it is in the length of ACPI's own registers: a guest uses those that its tables speak of. Those
    for plugging CPUs are fewer in 11.1.3 than in 7.2.22 and 10.0.13 (`info mtree -f`)."""
    return difference.key[0] == "map" and "acpi-" in f"{difference.old} {difference.new}"


def _told(difference: Difference, of_device: bool) -> str:
    key = difference.key[2:] if of_device else difference.key[1:]
    old, new = (None if value is None else _shortened(str(value)) for value in difference[1:])
    return str(Difference(key, old, new))


def _shortened(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


def _owners(started: _Started) -> dict[str, tuple[str, Span]]:
    """The path of a PCI function, or of a virtio-mmio window, as views have it -> what it is called, and its
    place in the text."""
    with _running(started) as process:
        running = read_running(process.monitor)
    paths = pci_paths({device.path: device for device in running.devices})
    paths |= {device.path: window for device in running.devices if (window := mmio_path(device))}
    guest = started.side.compiled.guest
    machine = span_of(guest, "machine")
    owners = {
        path: (f"the machine's `{device.type}`", machine)
        for device in running.devices
        if (path := paths.get(device.path))
    }
    for device, match, _ in pair_devices(guest, running):
        if match is not None and match.path in paths:
            owners[paths[match.path]] = (name_of(device), heading(device.statement))
    return owners


@contextmanager
def _running(started: _Started, incoming: bool = False) -> Iterator[Process]:
    """A side's guest, while the block lasts."""
    command, harmless, patience = started.command, started.harmless, started.patience
    with (
        naming(started.side.binary),
        start_guest(command, harmless, incoming=incoming, patience=patience) as process,
    ):
        yield process


def _migrate(
    old: _Started, new: _Started, tell: Callable[[str], None]
) -> tuple[int | None, Diagnostic | None]:
    """The bytes of the state that the old one saved and the new one loaded; or why not."""
    span = span_of(new.side.compiled.guest, "machine")
    old_name, new_name = old.side.binary, new.side.binary
    with scratch_folder() as folder:
        path = folder / "state"
        try:
            tell(f"saving the state in {old_name}")
            with _running(old) as process:
                save_state(process, path)
        except StateFailure as failure:
            help = "QEMU cannot save this guest: shut it down before the upgrade"
            return None, error("state-unsaved", f"{old_name} saves no state: {failure}", span, "", help)
        try:
            tell(f"loading the state into {new_name}")
            with _running(new, incoming=True) as process:
                load_state(process, path)
        except StateFailure as failure:
            help = "shut the guest down before the upgrade, and start it in the new QEMU"
            message = f"{new_name} refuses the state: {failure}"
            return None, error("state-refused", message, span, "", help)
        return path.stat().st_size, None
