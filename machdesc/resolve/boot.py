"""Booting: the order of boot devices, a kernel that QEMU loads itself, and files for the firmware.

Each was tried on QEMU 5.2, 7.2, 10.0 and 11.1.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.resolve.guest import Guest
from machdesc.resolve.plugged import argument_words
from machdesc.syntax.tree import Block, List

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Property, Statement

_DEVICES = "abcdefghijklmnop"
"""Letters that QEMU takes (system/bootdevice.c, validate_bootdevices)."""

_OF_PC = "abcdn"
_MOST_OF_PC = 3
"""Letters that a PC's firmware is told of, and how many (hw/i386/pc.c, set_boot_dev)."""

_WITH_KERNEL = ("append", "initrd", "shim")
"""What goes with a `kernel` alone (system/vl.c: only allowed with -kernel option)."""

_CONTENTS = ("string", "file", "gen_id")
"""Of what a file for the firmware is made (system/vl.c, parse_fw_cfg: exactly one of file, string and
gen_id)."""

_LONGEST_NAME = 55
"""Characters of the name of a file for the firmware (system/vl.c, parse_fw_cfg)."""


def check_boot(guest: Guest) -> list[Diagnostic]:
    """What is wrong with `boot`; code boot."""
    statement = guest.description.one("boot")
    if statement is None:
        return []
    said = {item.name: item for item in statement.properties}
    diagnostics = []
    is_pc = guest.machine is not None and guest.machine.family in ("pc-q35", "pc-i440fx")
    for name in ("order", "once"):
        if name in said:
            diagnostics += _check_order(said[name], is_pc)
    has_kernel = "kernel" in said or "-kernel" in argument_words(guest)
    for name in _WITH_KERNEL:
        if name in said and not has_kernel:
            message = f"QEMU takes `{name}` with a `kernel` alone"
            diagnostics.append(error("boot", message, said[name].name_span, "", "write `kernel` too"))
    return diagnostics


def _check_order(item: Property, is_pc: bool) -> list[Diagnostic]:
    """An order with letters that there are not, or twice, or too many."""
    if isinstance(item.value, (Block, List)):
        return []
    text, span = item.value.text, item.value.span
    known = _OF_PC if is_pc else _DEVICES
    wrong = next((letter for letter in text if letter not in known), "")
    allowed = "a or b floppy, c hard disk, d CD-ROM, n network" if is_pc else "a to p"
    if wrong:
        return [error("boot", f"there is no boot device `{wrong}`", span, allowed)]
    if len(set(text)) < len(text):
        return [error("boot", f"a boot device stands twice in `{text}`", span, allowed)]
    if is_pc and len(text) > _MOST_OF_PC:
        return [error("boot", f"a PC has at most {_MOST_OF_PC} boot devices in its order", span, allowed)]
    return []


def check_firmware_files(statements: tuple[Statement, ...]) -> list[Diagnostic]:
    """What is wrong with `fw_cfg` statements; code fw-cfg."""
    diagnostics = []
    for statement in statements:
        name, span = statement.id, statement.keyword_span
        said = [item for item in statement.properties if item.name in _CONTENTS]
        if len(said) != 1:
            diagnostics.append(
                error("fw-cfg", "such a file is made of one thing", span, ", ".join(_CONTENTS))
            )
        if name is not None and len(name.text.encode()) > _LONGEST_NAME:
            message = f"the name of such a file has at most {_LONGEST_NAME} characters"
            diagnostics.append(error("fw-cfg", message, name.span))
    return diagnostics
