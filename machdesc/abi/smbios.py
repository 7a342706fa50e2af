"""What of the SMBIOS tables QEMU fills in itself: the machine type's name.

Source: `smbios_set_defaults` in hw/smbios/smbios.c, which sets the version of the system, of the
chassis and of the processors (that of a board too, but QEMU makes a table of it only when asked).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

NAMED_TABLES = ("1", "3", "4")
"""Tables whose `version` is the machine type's name where nothing is written."""


def named_tables(guest: Guest) -> set[str]:
    """The tables that show the machine type's name, since no other text is written in its place."""
    written = {
        statement.head.text
        for statement in guest.description.all("smbios")
        if statement.head is not None and any(item.name == "version" for item in statement.properties)
    }
    return set(NAMED_TABLES) - written


def unwritten_field(guest: Guest, table: str, name: str) -> str:
    """What a field of a table is where nothing is written; empty when it is nothing that is known."""
    return guest.machine_name if name == "version" and table in NAMED_TABLES else ""
