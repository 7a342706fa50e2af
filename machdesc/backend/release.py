"""What a release of QEMU has no option for.

The catalog knows the types of each release, not its command line. Beside each figure stands the
place in QEMU's sources that names it; QEMU 5.2, 7.2, 10.0 and 11.1 were seen to refuse and to take
all of them accordingly (but for af-xdp, which Debian does not build).
"""

from __future__ import annotations

from machdesc.backend.option import BOOT_FILES
from machdesc.backend.value import is_nested
from machdesc.catalog.version import version_key
from machdesc.diagnostic import Diagnostic, error
from machdesc.syntax.tree import Block, List

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property, Span

_JSON_OBJECTS = "6.0"
"""The first release whose `-object` takes JSON, without which blocks cannot be said: that of
`ObjectOptions` (qapi/qom.json), as which softmmu/vl.c reads it since the same change."""

_JSON_DEVICES = "7.0"
"""The first release whose `-device` takes JSON without a defect (6.2's breaks unplugging)."""

_STATEMENTS = {"action": "6.0", "run-with": "8.1"}
"""`set-action` in qapi/run-state.json, whose form on the command line `-action` is; `-async-teardown`
in docs/about/deprecated.rst of 8.1, which `-run-with` replaces."""

_NETDEVS = {"stream": "7.2", "dgram": "7.2", "af-xdp": "8.2", "passt": "10.1"}
"""`NetClientDriver` in qapi/net.json."""

_TOPOLOGY = {"clusters": "7.0", "drawers": "8.2", "books": "8.2", "modules": "9.1"}
"""`SMPConfiguration` in qapi/machine.json."""


def at_least(release: str, since: str) -> bool:
    """Whether a release is another one or newer: "10.0" is newer than "7.2"."""
    return version_key(release) >= version_key(since)


def check_release(guest: Guest) -> list[Diagnostic]:
    """An error for each thing that the release has no way to say.

    Codes: option-not-in-release, no-json-objects and no-json-devices.
    """
    diagnostics: list[Diagnostic] = []

    def need(word: str, since: str, span: Span) -> None:
        if not at_least(guest.release, since):
            _report(guest, word, span, f"QEMU {since} or later has it", diagnostics)

    for statement in guest.description.host:
        if statement.keyword in _STATEMENTS:
            need(statement.keyword, _STATEMENTS[statement.keyword], statement.keyword_span)
        elif statement.keyword == "netdev" and statement.head is not None:
            need(statement.head.text, _NETDEVS.get(statement.head.text, "0"), statement.head.span)
    if not at_least(guest.release, _JSON_OBJECTS):
        for statement in (*guest.description.all("object"), *guest.description.host_all("object")):
            diagnostics += [_no_json(guest, item) for item in statement.properties if is_nested(item.value)]
    nested = nested_property(guest)
    if nested is not None and not at_least(guest.release, _JSON_DEVICES):
        message = (
            f"`{nested.name}` is a list or a block, which QEMU {guest.release} does not take for devices"
        )
        diagnostics.append(
            error("no-json-devices", message, nested.value.span, f"QEMU {_JSON_DEVICES} or later")
        )
    cpu, boot = guest.description.one("cpu"), guest.description.one("boot")
    for item in cpu.properties if cpu is not None else ():
        need(item.name, _TOPOLOGY.get(item.name, "0"), item.name_span)
    schema = guest.machine_schema
    if boot is not None and schema is not None:
        known = schema.properties(guest.release)
        for item in boot.properties:
            if item.name in BOOT_FILES and item.name not in known:
                having = ", ".join(schema.property_releases(item.name))
                help = f"QEMU {having} has it" if having else ""
                _report(guest, item.name, item.name_span, help, diagnostics)
    return diagnostics


def nested_property(guest: Guest) -> Property | None:
    """The first property of a device that is a list or a block, for which all devices become JSON."""
    for device in guest.devices:
        for item in device.statement.properties:
            if type(item.value) in (Block, List):
                return item
    return None


def _no_json(guest: Guest, item: Property) -> Diagnostic:
    message = f"`{item.name}` has blocks, which QEMU {guest.release} does not take for objects"
    help = f"QEMU {_JSON_OBJECTS} or later takes them"
    return error("no-json-objects", message, item.value.span, "", help)


def _report(guest: Guest, word: str, span: Span, help: str, diagnostics: list[Diagnostic]) -> None:
    message = f"QEMU {guest.release} has no `{word}`"
    diagnostics.append(error("option-not-in-release", message, span, "", help))
