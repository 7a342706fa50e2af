"""Prints the effective values of a guest: all that it has, written or not, and where it comes from."""

from __future__ import annotations

from machdesc.abi.effective import DEFAULT, DERIVED, Effective, effective_values
from machdesc.abi.machine import machine_values
from machdesc.abi.processor import cpu_model, cpu_values
from machdesc.abi.topology import LEVELS, topology
from machdesc.cli.output import JSON, emit, put
from machdesc.cli.report import add_color, add_includes, add_machine_types, add_target, fail, report, target
from machdesc.cli.table import aligned, shown
from machdesc.diagnostic import ERROR, did_you_mean, file_error, has_errors
from machdesc.library import resolve_description
from machdesc.model.load import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Mapping

    from machdesc.resolve.guest import Device, Guest

    Values = Mapping[str, Effective]


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("file", metavar="FILE", help="the description of a guest")
    parser.add_argument(
        "--device", metavar="ID", help="this device only, with all of its values; `machine` and `cpu` too"
    )
    parser.add_argument("--all", action="store_true", help="plain defaults as well")
    parser.add_argument("--origin", action="store_true", help="say where each value comes from")
    add_target(parser)
    add_includes(parser)
    add_machine_types(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="the form of the output")
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Prints the values; 1 when the description has errors."""
    catalog, release = target(arguments)
    description, diagnostics = load(arguments.file, tuple(arguments.include_dir))
    if description is not None and description.is_machine_type:
        message = "describes a machine type, not a guest"
        diagnostics = [*diagnostics, file_error("not-a-guest", message, arguments.file)]
    if description is not None and not has_errors(diagnostics):
        guest, more = resolve_description(
            description, release, catalog, machine_types=tuple(arguments.machine_types)
        )
        diagnostics = [*diagnostics, *more]
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == ERROR]
    report(errors, arguments.color)
    if description is None or errors:
        return 1
    parts = _parts(guest, arguments.device)
    if arguments.format == "json":
        from machdesc.json_text import json_text

        emit(json_text(_document(guest, parts)), JSON)
        return 0
    everything = arguments.all or arguments.device is not None
    put(f"{_name(guest)}: QEMU {guest.release}, {_machine(guest)}")
    for title, _, values in parts:
        rows = [_row(value, arguments.origin) for value in _listed(values, everything)]
        put("", title, *aligned(rows, "  "))
    return 0


def _parts(guest: Guest, only: str | None) -> list[tuple[str, dict[str, object], Values]]:
    """The machine, the CPUs and the devices, or the one that is asked for."""
    model = cpu_model(guest)
    parts: dict[str, tuple[str, dict[str, object], Values]] = {}
    if only in (None, "machine"):
        identity: dict[str, object] = {"part": "machine", "type": guest.machine_name, "abi": guest.abi_name}
        parts["machine"] = f"machine {_machine(guest)}", identity, machine_values(guest)
    if only in (None, "cpu"):
        identity = {"part": "cpu", "model": model.value}
        cpus = {"model": model, **topology(guest), **cpu_values(guest)}
        parts["cpu"] = f"cpu {shown(model.value)}", identity, cpus
    for device in guest.devices:
        if only is None or device.id == only:
            parts[f"device {device.id or len(parts)}"] = _device_part(guest, device)
    if not parts:
        names = [device.id for device in guest.devices if device.id]
        hint = did_you_mean(only or "", [*names, "machine", "cpu"])
        fail(f"no device `{only}`" + (f"; {hint}" if hint else ""))
    return list(parts.values())


def _device_part(guest: Guest, device: Device) -> tuple[str, dict[str, object], Values]:
    type_ = device.type.name if device.type is not None else ""
    place = ""
    if device.address is not None:
        place = device.address.bus.name + (f"/{device.address.unit}" if device.address.unit else "")
    version = f" @ {device.version}" if device.version else ""
    title = f"device {type_}{version} {device.id}".rstrip() + (f" at {place}" if place else "")
    identity: dict[str, object] = {
        "part": "device",
        "id": device.id,
        "type": type_,
        "version": device.version,
        "address": place,
    }
    return title, identity, effective_values(guest, device)


def _listed(values: Values, everything: bool) -> Iterable[Effective]:
    """All values, or those that are more than a default that QEMU tells."""
    if everything:
        return values.values()
    return [
        value
        for value in values.values()
        if value.origin != DEFAULT and value.value is not None and not _is_idle_level(value)
    ]


def _is_idle_level(value: Effective) -> bool:
    """A level of the topology that nobody uses."""
    used = value.name not in LEVELS or value.name in ("sockets", "cores", "threads")
    return not used and value.origin == DERIVED and value.value == 1


def _row(value: Effective, origin: bool) -> tuple[str, ...]:
    return (value.name, shown(value.value), value.origin, value.detail + _place(value)) if origin else (
        value.name, shown(value.value)
    )  # fmt: skip


def _place(value: Effective) -> str:
    """Where a value is written, behind how."""
    if value.span is None:
        return ""
    return f", {value.span[2].name}:{value.span[2].location(value.span[0])[0]}"


def _machine(guest: Guest) -> str:
    """The machine type, and which of QEMU's it follows."""
    return f"{guest.abi_name} ({guest.machine_name})" if guest.chain else guest.machine_name


def _name(guest: Guest) -> str:
    statement = guest.description.one("guest")
    return statement.id.text if statement is not None and statement.id is not None else "guest"


def _document(guest: Guest, parts: list[tuple[str, dict[str, object], Values]]) -> dict[str, object]:
    """The same as plain data, with every value and its origin."""
    return {
        "machdesc": 1,
        "guest": _name(guest),
        "release": guest.release,
        "parts": [{**identity, "properties": _plain(values)} for _, identity, values in parts],
    }


def _plain(values: Values) -> dict[str, object]:
    found: dict[str, object] = {}
    for value in values.values():
        entry: dict[str, object] = {"value": value.value, "origin": value.origin, "detail": value.detail}
        if value.span is not None:
            line, column = value.span[2].location(value.span[0])
            entry["place"] = {"file": value.span[2].name, "line": line, "column": column}
        found[value.name] = entry
    return found
