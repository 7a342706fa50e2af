"""Config space as key and value: header fields, BARs and capabilities by name, other registers by offset."""

from __future__ import annotations

from collections.abc import Iterator

from machdesc.live.pci import PCI_EXPRESS, Function, walk_capabilities

_FIELDS = (
    ("vendor id", 0x00, 2),
    ("device id", 0x02, 2),
    ("command", 0x04, 2),
    ("status", 0x06, 2),
    ("revision", 0x08, 1),
    ("class", 0x09, 3),
    ("cache line size", 0x0C, 1),
    ("latency timer", 0x0D, 1),
    ("header type", 0x0E, 1),
    ("self test", 0x0F, 1),
)
_ENDPOINT_FIELDS = (
    ("subsystem vendor id", 0x2C, 2),
    ("subsystem id", 0x2E, 2),
    ("interrupt line", 0x3C, 1),
    ("interrupt pin", 0x3D, 1),
    ("minimum grant", 0x3E, 1),
    ("maximum latency", 0x3F, 1),
)
_BRIDGE_FIELDS = (
    ("secondary latency timer", 0x1B, 1),
    ("I/O window", 0x1C, 2),
    ("secondary status", 0x1E, 2),
    ("memory window", 0x20, 4),
    ("prefetchable window", 0x24, 4),
    ("prefetchable window, upper half", 0x28, 8),
    ("I/O window, upper half", 0x30, 4),
    ("interrupt line", 0x3C, 1),
    ("interrupt pin", 0x3D, 1),
    ("bridge control", 0x3E, 2),
)

_NAMES = {
    0x01: "power management",
    0x02: "AGP",
    0x03: "vital product data",
    0x04: "slot identification",
    0x05: "MSI",
    0x07: "PCI-X",
    0x08: "HyperTransport",
    0x09: "vendor",
    0x0A: "debug port",
    0x0C: "hot-plug",
    0x0D: "subsystem",
    0x0F: "secure device",
    PCI_EXPRESS: "PCI Express",
    0x11: "MSI-X",
    0x12: "SATA",
    0x13: "advanced features",
    0x14: "enhanced allocation",
}
_LENGTHS = {0x01: 8, 0x03: 8, 0x04: 4, 0x05: 24, 0x0D: 8, PCI_EXPRESS: 60, 0x11: 12, 0x12: 8, 0x13: 6}

_EXTENDED_NAMES = {
    0x01: "advanced error reporting",
    0x03: "device serial number",
    0x04: "power budgeting",
    0x0B: "vendor (extended)",
    0x0D: "access control services",
    0x0E: "alternative routing id",
    0x0F: "address translation services",
    0x10: "single root I/O virtualization",
    0x13: "page requests",
    0x15: "resizable BAR",
    0x18: "latency tolerance reporting",
    0x19: "secondary PCI Express",
    0x1B: "process address space id",
    0x1E: "L1 substates",
    0x23: "designated vendor",
    0x25: "data link feature",
    0x26: "physical layer 16 GT/s",
    0x2E: "data object exchange",
}


def pci_view(function: Function) -> Iterator[tuple[tuple[str, ...], object]]:
    """What one function shows before anything set it up; keys begin with `pci` and its path."""
    base = ("pci", function.path)
    space = function.space
    fields = _FIELDS + (_BRIDGE_FIELDS if function.is_bridge else _ENDPOINT_FIELDS)
    for name, offset, width in fields:
        yield (*base, name), _hex(space, offset, width)
    for bar in function.bars:
        name = "option ROM" if bar.number == 6 else f"BAR {bar.number}"
        yield (*base, name, "size"), bar.size
        if bar.number != 6:
            yield (*base, name, "kind"), f"64-bit {bar.kind}" if bar.wide else bar.kind
    owners = {**_plain(space), **_extended(space)}
    capabilities = tuple(f"{name} at {start:#04x}" for name, start in dict.fromkeys(owners.values()))
    yield (*base, "capabilities"), capabilities
    for offset in range(0x40, len(space), 4):
        if offset in owners:
            name, start = owners[offset]
            value = bytearray(space[offset : offset + 4])
            if offset == start and offset < 0x100:
                value[1] = 0  # where the next one is: told by the list of capabilities
            elif offset == start:
                value[2] &= 0x0F
                value[3] = 0
            yield (*base, name, f"{offset - start:#04x}"), _hex(bytes(value), 0, 4)
        elif any(space[offset : offset + 4]):
            yield (*base, "register", f"{offset:#04x}"), _hex(space, offset, 4)


def _plain(space: bytes) -> dict[int, tuple[str, int]]:
    """Offset of each register of a capability below 0x100 -> the capability's name and start."""
    found = list(walk_capabilities(space))
    starts = sorted(offset for _, offset in found)
    owners = {}
    seen: dict[str, int] = {}
    for kind, start in found:
        name = _numbered(_NAMES.get(kind, f"capability {kind:#04x}"), seen)
        length = space[start + 2] if kind == 0x09 else _LENGTHS.get(kind, 4)
        end = min([start + length, 0x100, *(other for other in starts if other > start)])
        owners.update(dict.fromkeys(range(start, end, 4), (name, start)))
    return owners


def _extended(space: bytes) -> dict[int, tuple[str, int]]:
    """The same for capabilities from 0x100 on."""
    starts: list[int] = []
    offset = 0x100
    while 0x100 <= offset < len(space) and offset not in starts and any(space[offset : offset + 4]):
        if space[offset : offset + 4] == b"\xff" * 4:
            break
        starts.append(offset)
        offset = int.from_bytes(space[offset + 2 : offset + 4], "little") >> 4 & 0xFFC
    owners = {}
    seen: dict[str, int] = {}
    for start in starts:
        kind = int.from_bytes(space[start : start + 2], "little")
        name = _numbered(_EXTENDED_NAMES.get(kind, f"extended capability {kind:#06x}"), seen)
        end = min([start + 0x48, len(space), *(other for other in starts if other > start)])
        owners.update(
            {at: (name, start) for at in range(start, end, 4) if at == start or any(space[at : at + 4])}
        )
    return owners


def _numbered(name: str, seen: dict[str, int]) -> str:
    """A name of its own for each capability of a kind: `vendor`, `vendor 2`, …"""
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name} {seen[name]}"


def _hex(data: bytes, offset: int, width: int) -> str:
    return f"0x{int.from_bytes(data[offset : offset + width], 'little'):0{2 * width}x}"
