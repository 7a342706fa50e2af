"""What QEMU's options cannot carry, in any format: such a text would come out as another one.

Most values can be said: `,,` is a comma for the parsers of options (util/qemu-option.c, util/keyval.c),
which take every other character as it is, and JSON has its own escapes. This module holds the rest, as
rows beside the place in QEMU's sources. Seen on QEMU 5.2.0, 7.2.22 and 11.1.3: the repeated keys of netdev,
chardev, tpmdev and fsdev, and `vnc`; on 7.2.22 and 11.1.3: the comma and the length of a `model-id`. The
other rows are by the source alone. What only the configuration file cannot hold is reported by
`machdesc.backend.config`.
"""

from __future__ import annotations

from machdesc.backend.option import BOOT_FILES
from machdesc.backend.value import dotted, is_nested
from machdesc.diagnostic import Diagnostic, error
from machdesc.resolve.block import TOPOLOGY
from machdesc.resolve.guest import Guest
from machdesc.syntax.tree import Block, List, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from machdesc.syntax.tree import Property, Statement

_GIVEN = {
    "netdev": ("type", "id"),  # qemu_netdev_opts in net/net.c
    "chardev": ("backend", "id"),  # qemu_chardev_opts in chardev/char.c
    "blockdev": ("driver", "node-name"),  # BlockdevOptions in qapi/block-core.json
    "audiodev": ("driver", "id"),  # Audiodev in qapi/audio.json
    "tpmdev": ("type", "id"),  # qemu_tpmdev_opts in system/tpm.c
    "fsdev": ("fsdriver", "id"),  # qemu_fsdev_opts in fsdev/qemu-fsdev-opts.c
    "drive": ("id",),  # qemu_legacy_drive_opts in blockdev.c
    "display": ("type",),  # DisplayOptions in qapi/ui.json
    "vnc": ("vnc",),  # qemu_vnc_opts in ui/vnc.c
    "monitor": ("chardev",),  # qemu_mon_opts in monitor/monitor.c
    "numa": ("type",),  # qemu_numa_opts in hw/core/numa.c
    "accel": ("accel",),  # qemu_accel_opts in system/vl.c
    "name": ("guest",),  # qemu_name_opts in system/vl.c
}
"""Keys of an option that the head of its statement says. Of a repeated key QEMU keeps the last, and passes
over a second `id` (util/qemu-option.c, opts_do_parse)."""

_ELSEWHERE = {"memory-backend": "memory", "smp": "cpu", "boot": "boot", "memory": "memory"} | dict.fromkeys(
    BOOT_FILES, "boot"
)
"""Properties of the machine that another statement can say (`machine_class_init` in hw/core/machine.c)."""

_LONGEST = {"model-id": 48, "hv-vendor-id": 12}
"""Properties of a CPU -> bytes that QEMU keeps of a text (target/i386/cpu.c: x86_cpuid_set_model_id cuts it
silently, x86_cpu_hyperv_realize with a warning): as many as CPUID has registers for."""

_NESTED = ("blockdev", "audiodev", "fsdev", "drive", "display")
"""Statements whose blocks become dotted keys."""


def check_expressible(guest: Guest) -> list[Diagnostic]:
    """An error for each thing that QEMU would read as another one. Codes: not-expressible, given-already."""
    diagnostics = [*_cpu(guest), *_machine(guest), *_json(guest)]
    description = guest.description
    for statement in (*description.all("numa"), *description.host):
        given = _GIVEN.get(statement.keyword, ())
        diagnostics += [_given(statement, item) for item in statement.properties if item.name in given]
        if statement.keyword in _NESTED:
            diagnostics += _repeated(statement)
        elif statement.keyword == "vnc" and not getattr(statement.head, "text", ""):
            span = statement.head.span if statement.head is not None else statement.keyword_span
            message, help = "an empty address starts no VNC server", 'write one, such as "127.0.0.1:1"'
            diagnostics.append(error("not-expressible", message, span, "", help))
        elif statement.keyword == "arguments" and statement.values is not None:
            for value in statement.values.items:
                if isinstance(value, (Block, List)):
                    kind = "block" if isinstance(value, Block) else "list"
                    message = f"an argument of QEMU cannot be a {kind}"
                    allowed = "a word, a number or text"
                    diagnostics.append(error("wrong-type", message, value.span, allowed))
    return diagnostics


def _cpu(guest: Guest) -> Iterator[Diagnostic]:
    """`-cpu` ends a value at every comma (target/i386/cpu.c, x86_cpu_parse_featurestr: strtok), and what
    follows sets another property."""
    cpu = guest.description.one("cpu")
    for item in cpu.properties if cpu is not None else ():
        if item.name in TOPOLOGY:
            continue
        said, longest = texts(item.value), _LONGEST.get(item.name)
        if any("," in text for text in said):
            message = f"a comma in `{item.name}` ends it: QEMU's `-cpu` has no way to write one"
            model = f"{guest.cpu_name}-{guest.catalog.arch}-cpu" if guest.cpu_name else "TYPE"
            yield error(
                "not-expressible",
                message,
                item.value.span,
                "any text without a comma",
                f"write it without; or, outside `cpu`: global {model} {{ {item.name} … }}",
            )
        if longest is not None and any(len(text.encode()) > longest for text in said):
            message = f"`{item.name}` is longer than {longest} bytes, and QEMU cuts it"
            yield error("not-expressible", message, item.value.span, f"up to {longest} bytes", "shorten it")


def _machine(guest: Guest) -> Iterator[Diagnostic]:
    """What the machine's block and another statement say."""
    description = guest.description
    machine = description.one("machine")
    for item in machine.properties if machine is not None else ():
        keyword = _ELSEWHERE.get(item.name)
        other = description.one(keyword) if keyword is not None else None
        if keyword is None or other is None:
            continue
        said = {"memory-backend": "backend"}.get(item.name, item.name)
        if item.name in ("smp", "boot", "memory") or any(said == i.name for i in other.properties):
            message = f"`{item.name}` of the machine is also given by `{keyword}`"
            yield error("given-already", message, item.name_span, "", "remove one of the two")


def _given(statement: Statement, item: Property) -> Diagnostic:
    message = f"`{item.name}` is already given by the head of `{statement.keyword}`"
    return error("given-already", message, item.name_span, "", "remove it")


def _repeated(statement: Statement) -> Iterator[Diagnostic]:
    """Two properties that become one dotted key, such as `file.driver` and `file { driver … }`."""
    if not any(isinstance(item.value, (Block, List)) for item in statement.properties):
        return
    seen: set[str] = set()
    for item in statement.properties:
        keys = {key for key, _ in dotted((item,))}
        twice = sorted(keys & seen)
        if twice:
            message = f"`{twice[0]}` is given twice in this block"
            yield error("given-already", message, item.name_span, "", "remove one of the two")
        seen |= keys


def _json(guest: Guest) -> Iterator[Diagnostic]:
    """QEMU's JSON parser refuses characters that Unicode reserves for no use (util/unicode.c,
    mod_utf8_codepoint). JSON are the objects with a block, and all devices when one has a block or a list."""
    description = guest.description
    devices = [device.statement for device in guest.devices]
    if not any(isinstance(i.value, (Block, List)) for s in devices for i in s.properties):
        devices = []
    objects = (*description.all("object"), *description.host_all("object"))
    for statement in (*devices, *(s for s in objects if any(is_nested(i.value) for i in s.properties))):
        for item in statement.properties:
            if any(map(_has_noncharacter, texts(item.value))):
                message = f"`{item.name}` has a character that QEMU's JSON parser refuses"
                yield error("not-expressible", message, item.value.span, "", "remove the character")


def _has_noncharacter(text: str) -> bool:
    """Whether a text has one of U+FDD0 to U+FDEF, or one that ends in FFFE or FFFF."""
    return not text.isascii() and any(
        0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE for code in map(ord, text)
    )
