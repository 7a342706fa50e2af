"""The RAM block that QEMU makes for a guest whose description has none of its own.

QEMU names it after the machine type (`default_ram_id`), and the saved state holds that name; a
`memory-backend-ram` of that id, which `memory` names as its back end, is the same block. Sources:
`create_default_memdev` in hw/core/machine.c (7.2: in softmmu/vl.c); seen by `info ramblock`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest

RAM_SIZE = "128MiB"
"""The memory of a guest that says none: `default_ram_size` in hw/core/machine.c."""


def ram_block(guest: Guest) -> str:
    """The id of the block that QEMU makes; empty where the description has its own."""
    description = guest.description
    memory = description.one("memory")
    if guest.machine is None or (memory is not None and any(i.name == "backend" for i in memory.properties)):
        return ""
    nodes = [i.name for s in description.all("numa") for i in s.properties]
    words = [
        getattr(word, "text", "")
        for s in description.host_all("arguments")
        if s.values is not None
        for word in s.values.items
    ]
    if "memdev" in nodes or "mem" in nodes or any(word.lstrip("-") == "mem-path" for word in words):
        return ""
    machine = description.one("machine")
    if machine is not None and any(item.name == "memory-backend" for item in machine.properties):
        return ""
    id = guest.machine.facts(guest.release).default_ram_id
    used = {s.id.text for s in (*description.statements, *description.host) if s.id is not None}
    return "" if id in used else id
