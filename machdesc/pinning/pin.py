"""Pinning: the text of a description with all that QEMU would choose for its guest written in.

Written are the machine's version and each device's, ids, addresses, what `machdesc.pinning.choice` tells,
and the memory's block. Nothing that is written is changed, and nothing of the layout.
"""

from __future__ import annotations

from machdesc.abi.ram_block import RAM_SIZE, ram_block
from machdesc.diagnostic import Diagnostic, error, file_error, has_errors
from machdesc.model.guest import title
from machdesc.model.load import load_source
from machdesc.pinning.allocation import allocate
from machdesc.pinning.choice import cpu_choices, cpu_version, device_choices, memory_slots
from machdesc.pinning.draft import Draft
from machdesc.pinning.former import held_places
from machdesc.pinning.identity import new_ids
from machdesc.pinning.unit import HUB
from machdesc.resolve.lint import lint
from machdesc.resolve.resolve import resolve
from machdesc.source import Source
from machdesc.syntax.edit import id_text, statement_text
from machdesc.target import default_release, find_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog
    from machdesc.model.guest import Description
    from machdesc.pinning.allocation import Placement
    from machdesc.pinning.former import Former
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Statement


STRATEGIES = ("qemu", "hotplug")
"""What gives devices their PCI addresses: QEMU's own rule, or one root port for each device."""


def pin(
    description: Description,
    release: str | None = None,
    catalog: Catalog | None = None,
    former: Former = (),
    allowed: tuple[str, ...] = (),
    strategy: str = "qemu",
) -> tuple[Source | None, list[Diagnostic]]:
    """The source of a description with everything pinned; None when it has errors.

    `release` is the release of QEMU whose choices are written, by default the newest that has the
    machine type. `former` are ids and addresses, such as `("net1", "pcie.0/04.0")`, that devices had
    once: what is no longer there keeps its place empty. `allowed` are folders that includes may lie in.
    `strategy` is one of `STRATEGIES`.

    :raises machdesc.target.UnknownTarget: when the catalog does not know the release.
    """
    if description.is_machine_type:
        message = "describes a machine type, not a guest"
        return None, [file_error("not-a-guest", message, description.source.name)]
    if catalog is None:
        catalog, release = find_target(release)
    if release is None:
        release = default_release(description, catalog)
    guest, diagnostics = resolve(description, catalog, release, "allowed")
    diagnostics += lint(guest)
    if not has_errors(diagnostics) and strategy == "hotplug":
        from machdesc.pinning.root_port import with_root_ports

        source, diagnostics = with_root_ports(guest, former)
        if has_errors(diagnostics):
            return None, diagnostics
        again, found = load_source(source, allowed)
        diagnostics += found
        if again is not None and not has_errors(diagnostics):
            guest, found = resolve(again, catalog, release, "allowed")
            diagnostics += [*found, *lint(guest)]
    if has_errors(diagnostics):
        return None, diagnostics
    work = _Work(guest, former)
    source = work.run()
    if has_errors(work.diagnostics):
        return None, work.diagnostics
    pinned, found = load_source(source, allowed)
    if pinned is not None and not has_errors(found):
        again_guest, more = resolve(pinned, catalog, release)
        found = [*found, *more, *lint(again_guest)]
    return (None if has_errors(found) else source), found


class _Work:
    """One run: the guest with ids for all devices, and the draft of its description."""

    def __init__(self, guest: Guest, former: Former) -> None:
        self._ids = new_ids(guest)
        devices = tuple(
            device._replace(id=self._ids.get(number, device.id))
            for number, device in enumerate(guest.devices)
        )
        self._guest = guest._replace(devices=devices)
        self._names = {device.id for device in devices}
        self._hubs = 0
        self._description = guest.description
        self._held = held_places(self._guest, former)
        self._draft = Draft(guest.description)
        self.diagnostics = self._draft.diagnostics

    def run(self) -> Source:
        """The source after all changes."""
        self._pin_machine()
        self._pin_cpu()
        self._pin_memory()
        self._pin_devices()
        return self._draft.source()

    def _pin_machine(self) -> None:
        statement = self._description.one("machine")
        if statement is None or statement.head is None or statement.version is not None:
            return
        if self._guest.catalog.machine(statement.head.text) is None:
            self._draft.change(statement, version=self._guest.machine_name.rpartition("-")[2])

    def _pin_cpu(self) -> None:
        statement = self._description.one("cpu")
        model, version = cpu_version(self._guest)
        levels = cpu_choices(self._guest)
        if statement is None:
            if model:
                words = f"cpu {model} @ {version}" if version else f"cpu {model}"
                self._draft.add(statement_text(words, levels), "machine")
            return
        assert statement.head is not None
        if statement.version is not None or model != statement.head.text:
            version = ""
        self._draft.change(statement, version=version, properties=levels)

    def _pin_memory(self) -> None:
        block = ram_block(self._guest)
        if not block:
            return
        statement = self._description.one("memory")
        size = getattr(statement.head, "text", RAM_SIZE) if statement is not None else RAM_SIZE
        if statement is None:
            self._draft.add(statement_text(f"memory {size}", {"backend": block}), "cpu", "machine")
        else:
            self._draft.change(statement, properties={"backend": block})
        text = statement_text(f"object memory-backend-ram {id_text(block)}", {"size": size})
        self._draft.add(text, "memory", "cpu", "machine")

    def _pin_devices(self) -> None:
        placements, found = allocate(self._guest, self._held)
        self.diagnostics += found
        places = {placement.number: placement for placement in placements}
        slots = memory_slots(self._guest)
        machine = self._guest.machine
        versioned = machine is not None and machine.name != machine.family
        for number, device in enumerate(self._guest.devices):
            properties: dict[str, str] = {}
            address = ""
            placement = places.get(number)
            if placement is not None:
                address = placement.bus + ("/" + placement.unit if placement.unit else "")
                properties.update(placement.properties)
                if placement.hub:
                    self._add_hub(device.statement, placement)
            properties.update(device_choices(self._guest, device))
            if number in slots:
                properties["slot"] = slots[number]
            version = device.version if versioned and device.statement.version is None else ""
            self._draft.change(device.statement, version, self._ids.get(number, ""), address, properties)

    def _add_hub(self, statement: Statement, placement: Placement) -> None:
        """A hub that QEMU would add, before the device for which it does."""
        while f"{HUB}{self._hubs}" in self._names:
            self._hubs += 1
        id = f"{HUB}{self._hubs}"
        self._names.add(id)
        machine = self._guest.machine
        version = self._guest.machine_name.removeprefix(f"{machine.family}-") if machine is not None else ""
        words = f"device {HUB} @ {version} {id} at {placement.bus}/{placement.hub}"
        if not self._draft.add_before(statement, words):
            message = f"QEMU adds a hub for {title(statement)}, which stands in an included file"
            help = "describe a usb-hub there, before it"
            self.diagnostics.append(error("no-hub", message, statement.keyword_span, "", help))
