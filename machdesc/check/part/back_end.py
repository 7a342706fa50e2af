"""Back ends: what of them shows through the front end that names them."""

from __future__ import annotations

from machdesc.check.difference import Difference, differ
from machdesc.check.part.value import (
    heading,
    properties_of,
    same_value,
    shown_text,
    size_text,
    written_text,
)
from machdesc.syntax.tree import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property, Statement

    Items = tuple[Property | None, Property | None]

KIND_DOUBT = "what a front end offers depends on the kind of its back end"
FILE_DOUBT = "what is in a file cannot be known from its name"

_NET_SHOWN = ("vhost", "vhostforce", "queues", "vnet_hdr")
"""What of a netdev decides which offloads and queues its front end can offer (net/tap.c,
hw/net/virtio-net.c: virtio_net_get_features); other cards do not ask for it."""

_NET_DEFAULTS = {"vhost": "off", "vhostforce": "off", "queues": "1"}
"""What these are where nothing is written (net_init_tap in net/tap.c)."""

_ASKING = "virtio-net"
"""What the types of cards begin with that offer what their netdev can do."""

_NEVER_SHOWN = ("iothread", "rng-backend")
"""What a guest cannot tell from none: the thread that serves a device, and the source of its numbers, in
whose place QEMU takes one of its own (virtio_rng_device_realize in hw/virtio/virtio-rng.c)."""


def find_back_end(guest: Guest, keywords: tuple[str, ...], name: str) -> Statement | None:
    """The statement of a back end."""
    for statement in guest.description.host:
        if statement.keyword in keywords and statement.id is not None and statement.id.text == name:
            return statement
    return None


def compare_reference(
    old: Guest, new: Guest, subject: str, type: str, refers: str, items: Items
) -> Iterable[Difference]:
    """What the back ends behind a property of a device of a type show, but for block nodes; their ids are the
    host's business."""
    before, after = items
    spans = [item.span if item is not None else None for item in items]
    if refers in _NEVER_SHOWN:
        return
    if (before is None) != (after is None):
        texts = [written_text(item.value) if item is not None else "none" for item in items]
        name = before.name if before is not None else after.name if after is not None else ""
        doubt = KIND_DOUBT if refers == "netdev" else ""
        yield differ("back-end", subject, f"`{name}`", texts, spans, doubt, "", name)
        return
    if before is not None and after is not None and refers == "memory-backend":
        yield from compare_memory_node(old, new, subject, before, after)
    if before is None or after is None or refers not in ("netdev", "tpmdev"):
        return
    mine, theirs = (
        find_back_end(guest, (refers,), written_text(item.value))
        for guest, item in ((old, before), (new, after))
    )
    if mine is None or theirs is None:
        return
    kinds = [side.head.text if side.head is not None else "" for side in (mine, theirs)]
    rule = "net-back-end" if refers == "netdev" else "tpm-back-end"
    if kinds[0] != kinds[1]:
        what = f"the kind of its {refers}"
        yield differ(rule, subject, what, kinds, (heading(mine), heading(theirs)), KIND_DOUBT)
        return
    if refers == "netdev" and type.startswith(_ASKING):
        yield from _shown(rule, subject, mine, theirs, _NET_SHOWN)


def compare_memory_node(
    old: Guest, new: Guest, subject: str, before: Property, after: Property
) -> Iterable[Difference]:
    """Other memory behind a device: its size, and its name, which a saved state has. What differs in one
    and the same object, or that one is new, is told of the object."""
    texts = written_text(before.value), written_text(after.value)
    spans = before.span, after.span
    if texts[0] == texts[1]:
        return
    sizes = [_memory_size(guest, text) for guest, text in ((old, texts[0]), (new, texts[1]))]
    if None not in sizes and sizes[0] != sizes[1]:
        shown = [size_text(size or 0) for size in sizes]
        yield differ("memory-size", subject, f"the size of `{after.name}`", shown, spans)
    if _memory_size(new, texts[0]) is not None and _memory_size(old, texts[1]) is not None:
        yield differ("ram-block", subject, f"`{after.name}`", texts, spans)


def _memory_size(guest: Guest, name: str) -> int | None:
    """The size of a memory back end in bytes; None when there is none of that name."""
    for statement in (*guest.description.all("object"), *guest.description.host_all("object")):
        if statement.id is not None and statement.id.text == name:
            size = properties_of(statement).get("size")
            return int(size.value.value) if size is not None and isinstance(size.value, Number) else 0
    return None


def _shown(
    rule: str, subject: str, mine: Statement, theirs: Statement, names: tuple[str, ...]
) -> Iterable[Difference]:
    before, after = properties_of(mine), properties_of(theirs)
    for name in names:
        items = before.get(name), after.get(name)
        unwritten = _NET_DEFAULTS.get(name, "")
        values = [written_text(item.value) if item is not None else unwritten for item in items]
        if not same_value(*values):
            texts = [shown_text(item.value) if item is not None else "" for item in items]
            spans = [item.span if item is not None else None for item in items]
            yield differ(rule, subject, f"`{name}` of its back end", texts, spans, "", "", name)
