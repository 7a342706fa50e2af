"""What firmware is told and hands on: fw_cfg, SMBIOS and ACPI tables.

Sources: hw/nvram/fw_cfg.c, hw/i386/fw_cfg.c, hw/smbios/smbios.c, `acpi_build` in hw/i386/acpi-build.c
(7.2, 10.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from machdesc.abi.machine import machine_values
from machdesc.abi.smbios import named_tables
from machdesc.abi.topology import topology
from machdesc.live.firmware import shown
from machdesc.live.smbios import STRINGS
from machdesc.live.view import View
from machdesc.model.heading import heading
from machdesc.resolve.guest import Guest
from machdesc.syntax.tree import Number, String, Word
from machdesc.verify.device import name_of
from machdesc.verify.finding import span_of, text
from machdesc.verify.sight.claim import Claim, Seen, switch

if TYPE_CHECKING:
    from machdesc.syntax.tree import Span, Statement

_ITEM = ("fw_cfg", "item")
_BOOT_INDEXES = ("bootindex", "bootindexA", "bootindexB")
_NO_DEVICES = ("HALT", "/rom@")
"""How entries of the boot order begin that are no devices: its end where nothing else may be booted
(get_boot_devices_list), and the ROM that starts a kernel."""

_FIELDS = {("0", "date"): "release date"}
"""Table and key of `-smbios` -> the field's name in a view, where that is another word."""

_TABLES = {
    "intel-iommu": "DMAR",
    "amd-iommu": "IVRS",
    "virtio-iommu-pci": "VIOT",
    "tpm-tis": "TPM2",
    "tpm-crb": "TPM2",
}
"""Type of a device -> the ACPI table that tells of it."""


def firmware_claims(guest: Guest, devices: list[Seen], view: View) -> Iterator[Claim]:
    """Claims about the whole guest; none where the machine has no fw_cfg."""
    if (*_ITEM, "processors") not in view:
        return
    yield from _items(guest, view)
    yield from _files(guest, devices, view)
    yield from _smbios(guest, view)
    yield from _acpi(guest, devices, view)


def _items(guest: Guest, view: View) -> Iterator[Claim]:
    count = topology(guest)["cpus"]
    if isinstance(count.value, int):
        said = f"`cpus` is {count.value} ({count.detail})"
        span = count.span or span_of(guest, "cpu")
        yield Claim("cpu", said, "fw_cfg's processors", count.value, _number(view, "processors"), span)
    memory = guest.description.one("memory")
    if memory is not None and isinstance(memory.head, Number):
        size = memory.head.value
        where = "fw_cfg's RAM size"
        yield Claim("memory", f"it is {size} bytes", where, size, _number(view, "RAM size"), memory.head.span)
    for uuid, span in _properties(guest.description.one("guest"), "uuid"):
        wanted, told = shown(UUID(uuid).bytes), view[(*_ITEM, "UUID")]
        yield Claim("guest", f"`uuid` is {uuid}", "fw_cfg's UUID", wanted, told, span)


def _number(view: View, item: str) -> int:
    return int.from_bytes(bytes.fromhex(str(view[(*_ITEM, item)])), "little")


def _files(guest: Guest, devices: list[Seen], view: View) -> Iterator[Claim]:
    for statement in guest.description.all("fw_cfg"):
        for content, span in _properties(statement, "string"):
            name = statement.id.text if statement.id is not None else ""
            wanted, seen = shown(content.encode()), view.get(("fw_cfg", "file", name))
            yield Claim(f"fw_cfg {name}", f"its text is `{content}`", "the file", wanted, seen, span)
    set_globally = [item.name for each in guest.description.all("global") for item in each.properties]
    if any(name in _BOOT_INDEXES for name in set_globally):
        return  # which reaches devices of the machine too
    numbers = [seen.number(name) for seen in devices for name in seen.values if name in _BOOT_INDEXES]
    booted = [number for number in numbers if number is not None and number >= 0]
    order = view.get(("fw_cfg", "file", "bootorder"), ())
    if isinstance(order, tuple):
        listed = [path for path in order if path and not path.startswith(_NO_DEVICES)]
        said = f"{len(booted)} devices have a `bootindex`"
        yield Claim(
            "boot order", said, "the list of them", len(booted), len(listed), span_of(guest, "machine")
        )


def _smbios(guest: Guest, view: View) -> Iterator[Claim]:
    if not any(key[0] == "smbios" for key in view):
        return  # up to pc-i440fx-2.0, firmware makes the tables
    for statement in guest.description.all("smbios"):
        table = statement.head.text if statement.head is not None else "0"
        for item in statement.properties:
            field = _FIELDS.get((table, item.name), item.name)
            wanted = item.value.text if isinstance(item.value, (String, Word)) else ""
            if wanted and field in STRINGS.get(int(table), {}).values():
                yield from _field(view, table, field, f"`{item.name}` is `{wanted}`", wanted, item.span)
    for table in sorted(named_tables(guest)):
        said = f"the machine type is `{guest.machine_name}`"
        yield from _field(view, table, "version", said, guest.machine_name, span_of(guest, "machine"))


def _field(view: View, table: str, field: str, said: str, wanted: str, span: Span) -> Iterator[Claim]:
    """A claim for each text of the tables of a type; one table's text may be missing."""
    tables = {key[2] for key in view if key[:2] == ("smbios", f"type {table}")} or {""}
    for handle in sorted(tables):
        seen = view.get(("smbios", f"type {table}", handle, field))
        yield Claim(f"smbios {table}", said, f"the {field} there", wanted, seen, span)


def _acpi(guest: Guest, devices: list[Seen], view: View) -> Iterator[Claim]:
    values = machine_values(guest)
    if switch(values.get("acpi")) is False or not any(key[0] == "acpi" for key in view):
        return
    machine = span_of(guest, "machine")
    hpet = switch(values.get("hpet"))
    if hpet is not None:
        said = f"`hpet` is {text(values['hpet'].value)} ({values['hpet'].detail})"
        yield _table(view, "machine", said, "HPET", hpet, values["hpet"].span or machine)
    for seen in devices:
        table = _TABLES.get(seen.running.type)
        if table is not None:
            subject = name_of(seen.device).strip("`")
            yield _table(view, subject, "it is there", table, True, heading(seen.device.statement))
    if guest.description.all("numa"):
        span = guest.description.all("numa")[0].span
        yield _table(view, "numa", "there are nodes", "SRAT", True, span)
    for name, field, size in (("x-oem-id", "OEM id", 6), ("x-oem-table-id", "OEM table id", 8)):
        value = values.get(name)
        if value is not None and value.value and ("acpi", "FACP", field) in view:
            said = f"`{name}` is {text(value.value)} ({value.detail})"
            wanted = str(value.value)[:size].rstrip()
            yield Claim(
                "machine", said, "the FACP table", wanted, view["acpi", "FACP", field], value.span or machine
            )


def _table(view: View, subject: str, said: str, table: str, wanted: bool, span: Span) -> Claim:
    words = {True: "there", False: "not there"}
    seen = ("acpi", table, "length") in view
    return Claim(subject, said, f"the ACPI table {table}", words[wanted], words[seen], span)


def _properties(statement: Statement | None, name: str) -> Iterator[tuple[str, Span]]:
    """The texts that a statement has for a property."""
    for item in statement.properties if statement is not None else ():
        if item.name == name and isinstance(item.value, (String, Word)):
            yield item.value.text, item.span
