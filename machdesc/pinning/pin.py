"""Pinning: the text of a description with all that QEMU would choose for its guest written in.

Written are the machine's version and each device's, ids, addresses, what `machdesc.pinning.choice` tells,
and the memory's block. Nothing that is written is changed, and nothing of the layout; what stands in an
included file is overridden in the description's own, so that other guests keep what they have.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error, file_error, has_errors
from machdesc.model.guest import title
from machdesc.model.load import load_source
from machdesc.model.merge import key
from machdesc.pinning.allocation import allocate
from machdesc.pinning.choice import (
    RAM_SIZE,
    cpu_choices,
    cpu_version,
    device_choices,
    memory_slots,
    ram_block,
)
from machdesc.pinning.identity import new_ids
from machdesc.resolve.address import kind_of
from machdesc.resolve.lint import lint
from machdesc.resolve.resolve import resolve
from machdesc.source import Source, source_of
from machdesc.syntax.edit import Edit, add_statement, apply_edits, edit_statement, id_text, statement_text
from machdesc.syntax.parse import parse
from machdesc.target import default_release, find_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from machdesc.catalog.catalog import Catalog
    from machdesc.model.guest import Description
    from machdesc.pinning.allocation import Placement, Places
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Statement


def pin(
    description: Description,
    release: str | None = None,
    catalog: Catalog | None = None,
    former: Collection[tuple[str, str]] = (),
    allowed: tuple[str, ...] = (),
) -> tuple[Source | None, list[Diagnostic]]:
    """The source of a description with everything pinned; None when it has errors.

    `release` is the release of QEMU whose choices are written, by default the newest that has the
    machine type. `former` are ids and addresses, such as `("net1", "pcie.0/04.0")`, that devices had
    once: what is no longer there keeps its place empty. `allowed` are folders that includes may lie in.

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
    if has_errors(diagnostics):
        return None, diagnostics
    work = _Work(guest, former)
    source = work.run()
    if has_errors(work.diagnostics):
        return None, work.diagnostics
    pinned, found = load_source(source, allowed)
    if pinned is not None and not has_errors(found):
        again, more = resolve(pinned, catalog, release)
        found = [*found, *more, *lint(again)]
    return (None if has_errors(found) else source), found


class _Work:
    """One run: the edits so far, and what stands in the way."""

    def __init__(self, guest: Guest, former: Collection[tuple[str, str]]) -> None:
        self._ids = new_ids(guest)
        devices = tuple(
            device._replace(id=self._ids.get(number, device.id))
            for number, device in enumerate(guest.devices)
        )
        self._guest = guest._replace(devices=devices)
        self._description = guest.description
        self._source = guest.description.source
        self._tree = parse(self._source)[0]
        self._own = {key(s): s for s in self._tree.statements if key(s) is not None}
        self._held = _held(self._guest, former)
        self._edits: list[Edit] = []
        self._overrides: list[str] = []
        self.diagnostics: list[Diagnostic] = []

    def run(self) -> Source:
        """The source after all edits."""
        self._pin_machine()
        self._pin_cpu()
        self._pin_memory()
        self._pin_devices()
        if self._overrides:
            self._edits.append(add_statement(self._tree, "\n\n".join(self._overrides)))
        return source_of(apply_edits(self._source.text, self._edits), self._source.name)

    def _pin_machine(self) -> None:
        statement = self._description.one("machine")
        if statement is None or statement.head is None or statement.version is not None:
            return
        if self._guest.catalog.machine(statement.head.text) is None:
            self._change(statement, version=self._guest.machine_name.rpartition("-")[2])

    def _pin_cpu(self) -> None:
        statement = self._description.one("cpu")
        model, version = cpu_version(self._guest)
        levels = cpu_choices(self._guest)
        if statement is None:
            if model:
                words = f"cpu {model} @ {version}" if version else f"cpu {model}"
                self._add(statement_text(words, levels), "machine")
            return
        assert statement.head is not None
        if statement.version is not None or model != statement.head.text:
            version = ""
        self._change(statement, version=version, properties=levels)

    def _pin_memory(self) -> None:
        block = ram_block(self._guest)
        if not block:
            return
        statement = self._description.one("memory")
        size = getattr(statement.head, "text", RAM_SIZE) if statement is not None else RAM_SIZE
        if statement is None:
            self._add(statement_text(f"memory {size}", {"backend": block}), "cpu", "machine")
        else:
            self._change(statement, properties={"backend": block})
        text = statement_text(f"object memory-backend-ram {id_text(block)}", {"size": size})
        self._add(text, "memory", "cpu", "machine")

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
            self._change(device.statement, version, self._ids.get(number, ""), address, properties)

    def _add_hub(self, statement: Statement, placement: Placement) -> None:
        """A hub that QEMU would add, before the device for which it does."""
        raw = self._raw(statement)
        if raw is None or raw.keyword_span[2] is not self._source:
            message = f"QEMU adds a hub for {title(statement)}, which stands in an included file"
            help = "describe a usb-hub there, before it"
            self.diagnostics.append(error("no-hub", message, statement.keyword_span, "", help))
            return
        names = {device.id for device in self._guest.devices}
        id = next(f"usb-hub{count}" for count in range(len(names) + 1) if f"usb-hub{count}" not in names)
        version = self._guest.machine_name.rpartition("-")[2]
        words = f"device usb-hub @ {version} {id} at {placement.bus}/{placement.hub}"
        place = self._tree.statements.index(raw)
        before = self._tree.statements[place - 1] if place else self._tree.header
        self._edits.append(add_statement(self._tree, words, before))

    def _change(
        self,
        statement: Statement,
        version: str = "",
        id: str = "",
        address: str = "",
        properties: dict[str, str] | None = None,
    ) -> None:
        """Sets parts of a statement, in its own place or in one that overrides it."""
        if not (version or id or address or properties):
            return
        raw = self._raw(statement)
        if raw is not None:
            self._edits += edit_statement(raw, version, id, address, properties)
        elif key(statement) is None:
            message = (
                f"{title(statement)} stands in an included file and has no id, so it cannot be overridden"
            )
            help = "give it an id there"
            self.diagnostics.append(error("not-overridable", message, statement.span, "", help))
        else:
            words = [statement.keyword, getattr(statement.head, "text", "")]
            words += ["@", version] if version else []
            words += [id_text(statement.id.text)] if statement.id is not None else []
            words += ["at", address] if address else []
            self._overrides.append(statement_text(" ".join(words), properties or {}))

    def _raw(self, statement: Statement) -> Statement | None:
        """The statement as it stands in the description's own file; None where it does not."""
        name = key(statement)
        if name is not None:
            return self._own.get(name)
        return statement if statement.keyword_span[2] is self._source else None

    def _add(self, text: str, *after: str) -> None:
        """Adds a statement behind the first of some keywords that the file has."""
        own = {s.keyword: s for s in reversed(self._tree.statements)}
        before = next((own[keyword] for keyword in after if keyword in own), None)
        self._edits.append(add_statement(self._tree, text, before))


def _held(guest: Guest, former: Collection[tuple[str, str]]) -> Places:
    """The places of devices that are no longer there, by bus."""
    there = {device.id for device in guest.devices}
    held: dict[str, set[tuple[tuple[str, str], ...]]] = {}
    for id, address in former:
        name, _, unit = address.partition("/")
        bus = guest.buses.get(name)
        if id in there or bus is None or not unit:
            continue
        kind = kind_of(bus.type, guest.catalog, guest.release)
        place = kind.parse(unit) if kind is not None else None
        if place is not None:
            held.setdefault(name, set()).add(place)
    return held
