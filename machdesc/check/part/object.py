"""Objects: memory back ends, and what else the guest sees of objects.

Those outside `host` are the promise, and compared as they are written. Of those inside, these are that a
guest can tell from none.
"""

from __future__ import annotations

from machdesc.abi.ram_block import ram_block
from machdesc.check.difference import Difference, differ
from machdesc.check.part.couple import called_now
from machdesc.check.part.item import compare_item, memory_bytes
from machdesc.check.part.value import canonical, heading, properties_of, same_text, written_text
from machdesc.check.wildcard import matches
from machdesc.syntax.tree import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Statement

    Objects = dict[str, Statement]

_BY_PATH = "x-use-canonical-path-for-ramblock-id"
"""What decides how the RAM block of a back end is called (`host_memory_backend_get_name` in
backends/hostmem.c)."""

_SEEN: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # type, those of its properties that are the host's, what the guest sees of it
    ("acpi-generic-*", (), "an entry of the SRAT (hw/acpi/acpi_generic_initiator.c; 10.0: hw/acpi/pci.c)"),
    (
        *("cryptodev-*", ("chardev", "throttle-bps", "throttle-ops")),
        "queues and algorithms of virtio-crypto (virtio_crypto_device_realize in hw/virtio/virtio-crypto.c)",
    ),
    (
        *("sev-*", ("dh-cert-file", "session-file", "sev-device", "handle")),
        "CPUID 0x8000001F and what it measures (cpu_x86_cpuid in target/i386/cpu.c, target/i386/sev.c)",
    ),
    ("tdx-guest", ("quote-generation-socket",), "what it measures, and CPUID (target/i386/kvm/tdx.c)"),
    ("igvm-cfg", (), "its firmware (backends/igvm-cfg.c)"),
    ("tls-cipher-suites", (), "a file of fw_cfg that names it (crypto/tls-cipher-suites.c)"),
    ("dbus-vmstate", ("addr",), "a section of a saved state (backends/dbus-vmstate.c)"),
)
"""Types of objects in `host` that are not the host's alone."""


_DEVICES = ("pci-dev", "pci-bus")
"""Properties that name a device, or the bus that is called after one."""


def compare_objects(old: Guest, new: Guest) -> Iterable[Difference]:
    """Memory back ends, wherever they stand: each is a RAM block that a saved state names by id. And the
    other objects that are compared."""
    before, after = _paired(old, new)
    for name in dict.fromkeys((*before, *after)):
        mine, theirs = before.get(name), after.get(name)
        if same_text(mine, theirs):
            continue
        if (mine is None and theirs is not None and _is_made(old, name, theirs)) or (
            theirs is None and mine is not None and _is_made(new, name, mine)
        ):
            continue
        if mine is None or theirs is None:
            spans = [heading(side) for side in (mine, theirs)]
            texts = [_type(side) if side is not None else "" for side in (mine, theirs)]
            yield differ(_rule(mine or theirs), name, "the object", texts, spans, type=texts[0] or texts[1])
        elif _rule(mine) == "ram-block":
            yield from _memory_block(old, new, name, (mine, theirs))
        else:
            yield from _object(old, new, name, (mine, theirs))


def _paired(old: Guest, new: Guest) -> tuple[Objects, Objects]:
    """The objects that are compared, by id. One that stands on one side only has its partner in the other
    side's `host`; those of `host` that are called otherwise now, by what they say."""
    before, after = _objects(old), _objects(new)
    for mine, theirs, guest in ((before, after, new), (after, before, old)):
        inside = {s.id.text: s for s in guest.description.host_all("object") if s.id is not None}
        theirs |= {name: inside[name] for name in mine if name not in theirs and name in inside}
    for name in [name for name in before if name not in after]:
        other = next((o for o in after if o not in before and _is_renamed(old, new, name, o)), None)
        if other is not None:
            del before[name], after[other]
    return before, after


def _is_renamed(old: Guest, new: Guest, before: str, after: str) -> bool:
    """Whether objects of two ids are one, which only the host has another name for; a saved state knows
    memory by its id."""
    mine, theirs = (
        next(
            (s for s in guest.description.host_all("object") if s.id is not None and s.id.text == name), None
        )
        for guest, name in ((old, before), (new, after))
    )
    if mine is None or theirs is None or _rule(mine) == "ram-block":
        return False
    return _type(mine) == _type(theirs) and same(mine.block, theirs.block)


def _object(old: Guest, new: Guest, name: str, sides: tuple[Statement, Statement]) -> Iterable[Difference]:
    mine, theirs = sides
    types = _type(mine), _type(theirs)
    if types[0] != types[1]:
        yield differ("object", name, "the type", types, (heading(mine), heading(theirs)))
    before, after = properties_of(mine), properties_of(theirs)
    hidden = {item for pattern, items, _ in _SEEN if matches(types[1], pattern) for item in items}
    for key in dict.fromkeys((*before, *after)):
        texts = [written_text(side[key].value) if key in side else "" for side in (before, after)]
        is_same_device = key in _DEVICES and called_now(old, new, *texts) == texts[1]
        if key not in hidden and not is_same_device:
            yield from compare_item("object", name, key, before.get(key), after.get(key), types[1])


def _is_made(guest: Guest, name: str, statement: Statement) -> bool:
    """Whether a back end is the RAM block that QEMU makes for a guest that does not have it written; where
    the host takes it from is the host's business."""
    size = properties_of(statement).get("size")
    if _rule(statement) != "ram-block" or size is None or _by_path(guest, statement) == "on":
        return False
    return ram_block(guest) == name and getattr(size.value, "value", 0) == memory_bytes(guest)


def _memory_block(
    old: Guest, new: Guest, name: str, sides: tuple[Statement, Statement]
) -> Iterable[Difference]:
    """What the guest sees of a memory back end: its size, whether it can be written, and where it lies when
    QEMU chooses the place. Where the host takes it from is the host's business."""
    before, after = map(properties_of, sides)
    yield from compare_item("memory-size", name, "size", before.get("size"), after.get("size"))
    for key in ("readonly", "rom"):
        yield from compare_item("object", name, key, before.get(key), after.get(key))
    for difference in compare_item("no-address", name, "align", before.get("align"), after.get("align")):
        # memory_device_pre_plug in hw/mem/memory-device.c
        users = (properties_of(d.statement) for d in new.devices)
        if any("memdev" in items and not {"addr", "memaddr"} & set(items) for items in users):
            yield difference._replace(doubt="by it QEMU chooses the address of a memory device without one")
    if _BY_PATH in before or _BY_PATH in after:
        texts = [_by_path(guest, side) for guest, side in zip((old, new), sides, strict=True)]
        if texts[0] != texts[1]:
            items = before.get(_BY_PATH), after.get(_BY_PATH)
            spans = [item.span if item is not None else None for item in items]
            yield differ("ram-block", name, f"`{_BY_PATH}`", texts, spans)


def _by_path(guest: Guest, statement: Statement) -> str:
    """Whether a RAM block is called by the whole path of its back end: as it is written, else as the
    machine type sets it (those up to 3.1 do)."""
    item = properties_of(statement).get(_BY_PATH)
    if item is not None:
        return canonical(written_text(item.value))
    type = statement.head.text if statement.head is not None else ""
    drivers = type, *guest.catalog.ancestors(type, guest.release)
    entries = guest.catalog.compat(guest.machine_name, guest.release) or ()
    return canonical(next((v for d, n, v in reversed(entries) if n == _BY_PATH and d in drivers), "off"))


def _objects(guest: Guest) -> Objects:
    """The objects that matter, by id: all outside `host`, and those inside it that a guest sees."""
    inside = (s for s in guest.description.host_all("object") if _rule(s) == "ram-block" or _is_seen(s))
    return {s.id.text: s for s in (*guest.description.all("object"), *inside) if s.id is not None}


def _is_seen(statement: Statement) -> bool:
    return any(matches(_type(statement), pattern) for pattern, _, _ in _SEEN)


def _type(statement: Statement) -> str:
    return statement.head.text if statement.head is not None else ""


def _rule(statement: Statement | None) -> str:
    is_memory = statement is not None and _type(statement).startswith("memory-backend-")
    return "ram-block" if is_memory else "object"
