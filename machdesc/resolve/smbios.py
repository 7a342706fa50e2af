"""SMBIOS: the types of tables that QEMU builds from options, and the keys of each.

The keys are those of hw/smbios/smbios.c (the lists named `qemu_smbios_type…_opts`), each tried on QEMU
5.2.0, 7.2.22, 10.0.13 and 11.1.3.
"""

from __future__ import annotations

from machdesc.catalog.version import version_key
from machdesc.diagnostic import Diagnostic, Suggestion, error
from machdesc.syntax.tree import Number, Property, Statement

_PLUGGED = ("manufacturer", "serial", "asset", "part")
KEYS = {
    0: ("vendor", "version", "date", "release", "uefi", "vm"),
    1: ("manufacturer", "product", "version", "serial", "uuid", "sku", "family"),
    2: ("manufacturer", "product", "version", "serial", "asset", "location"),
    3: ("manufacturer", "version", "serial", "asset", "sku"),
    4: (
        *("sock_pfx", "version", *_PLUGGED, "max-speed", "current-speed"),
        *("processor-family", "processor-id"),
    ),
    8: ("internal_reference", "external_reference", "connector_type", "port_type"),
    9: (
        *("slot_designation", "slot_type", "slot_data_bus_width", "current_usage", "slot_length"),
        *("slot_id", "slot_characteristics1", "slot_characteristics2", "pci_device"),
    ),
    11: ("value", "path"),
    17: ("loc_pfx", "bank", *_PLUGGED, "speed"),
    41: ("designation", "kind", "instance", "pcidev"),
}
"""Type of table -> the keys that QEMU takes for it."""

_LACKING = {
    (8, ""): "5.2",
    (9, ""): "7.2",
    (41, ""): "5.2",
    (0, "vm"): "10.0",
    (4, "processor-family"): "7.2",
    (4, "processor-id"): "5.2",
}
"""Type and key -> the newest release that was seen to lack the key; without a key, the whole type."""


def check_smbios(statement: Statement, release: str) -> list[Diagnostic]:
    """Types and keys that QEMU refuses. Codes: smbios-type, smbios-file, unknown-property."""
    head = statement.head
    number = head.value if isinstance(head, Number) and isinstance(head.value, int) else -1
    if number not in KEYS or _lacks(number, "", release):
        known = ", ".join(str(key) for key in KEYS if not _lacks(key, "", release))
        message = f"QEMU {release} builds no table of type {head.text if head is not None else ''}"
        span = head.span if head is not None else statement.keyword_span
        return [error("smbios-type", message, span, known, "give QEMU the whole table in a file")]
    keys = [key for key in KEYS[number] if not _lacks(number, key, release)]
    diagnostics = []
    for item in statement.properties:
        if item.name == "file":
            diagnostics.append(_file(item))
        elif item.name not in keys:
            message = f"`smbios {number}` has no property `{item.name}` in QEMU {release}"
            hint = "a younger QEMU has it" if item.name in KEYS[number] else Suggestion(item.name, keys)
            diagnostics.append(error("unknown-property", message, item.name_span, ", ".join(keys), hint))
    return diagnostics


def _lacks(number: int, key: str, release: str) -> bool:
    newest = _LACKING.get((number, key))
    return newest is not None and version_key(release) <= version_key(newest)


def _file(item: Property) -> Diagnostic:
    """QEMU takes the file of a table alone, without a type (smbios_entry_add)."""
    path = getattr(item.value, "text", "").replace(",", ",,") or "…"
    return error(
        "smbios-file",
        "a table from a file tells its type itself, and can have no other properties",
        item.name_span,
        "",
        f'write in `host`: arguments ["-smbios" "file={path}"]',
    )
