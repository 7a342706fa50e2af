"""The resolved guest as plain data, for programs: what `compile --format json` prints."""

from __future__ import annotations

from machdesc.resolve.block import TOPOLOGY
from machdesc.resolve.guest import Device, Guest
from machdesc.schema.validate import json_value
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from machdesc.catalog.catalog import Property as Known
    from machdesc.syntax.tree import Property, Statement


def document(guest: Guest) -> dict[str, object]:
    """All of a guest: sizes in bytes, switches as true and false, texts as texts."""
    description = guest.description
    name, cpu, memory = description.one("guest"), description.one("cpu"), description.one("memory")
    machine = description.one("machine")
    schema = guest.machine_schema.properties(guest.release) if guest.machine_schema is not None else {}
    result: dict[str, object] = {
        "machdesc": 1,
        "arch": guest.catalog.arch,
        "release": guest.release,
        "guest": {"name": name.id.text if name and name.id else "", **_values(name, {})},
        "machine": {
            "type": guest.machine_name,
            **({"abi": guest.abi_name} if guest.chain else {}),
            "properties": _values(machine, schema),
        },
    }
    if cpu is not None:
        cpus = guest.catalog.cpu_schema()
        known = cpus.properties(guest.release) if cpus is not None else {}
        values = _values(cpu, known)
        result["cpu"] = {
            "model": guest.cpu_name,
            "topology": {key: values[key] for key in TOPOLOGY if key in values},
            "properties": {key: value for key, value in values.items() if key not in TOPOLOGY},
        }
    if memory is not None and isinstance(memory.head, Number):
        result["memory"] = {"size": memory.head.value, **_values(memory, {})}
    result["devices"] = [_device(guest, device) for device in guest.devices]
    result["objects"] = [_object(guest, s) for s in description.all("object")]
    for keyword in ("numa", "smbios", "fw_cfg", "global", "boot", "rtc"):
        result[keyword] = [_statement(s) for s in description.all(keyword)]
    result["host"] = [
        _object(guest, s) | {"statement": "object"} if s.keyword == "object" else _statement(s)
        for s in description.host
    ]
    return result


def _device(guest: Guest, device: Device) -> dict[str, object]:
    known = device.type.properties(guest.release) if device.type is not None else {}
    return {
        "id": device.id,
        "type": device.type.name if device.type is not None else "",
        "version": device.version,
        "bus": device.address.bus.name if device.address is not None else "",
        "address": device.address.unit if device.address is not None else "",
        "properties": _values(device.statement, known),
    }


def _object(guest: Guest, statement: Statement) -> dict[str, object]:
    kind = statement.head.text if statement.head is not None else ""
    schema = guest.catalog.object(kind)
    known = schema.properties(guest.release) if schema is not None else {}
    return {
        "id": statement.id.text if statement.id else "",
        "type": kind,
        "properties": _values(statement, known),
    }


def _statement(statement: Statement) -> dict[str, object]:
    """A statement that no schema describes."""
    result: dict[str, object] = {"statement": statement.keyword}
    if statement.head is not None:
        result["kind"] = json_value(None, statement.head)
    if statement.id is not None:
        result["id"] = statement.id.text
    if statement.values is not None:
        result["values"] = json_value(None, statement.values)
    if statement.block is not None:
        result["properties"] = _values(statement, {})
    return result


def _values(statement: Statement | None, known: Mapping[str, Known]) -> dict[str, object]:
    properties: Iterable[Property] = statement.properties if statement is not None else ()
    return {item.name: json_value(known.get(item.name), item.value) for item in properties}
