"""NUMA: what QEMU refuses of nodes, distances, CPUs and what lies between them (hw/core/numa.c).

Each was tried on QEMU 5.2, 7.2, 10.0 and 11.1.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error, listed
from machdesc.resolve.block import TOPOLOGY
from machdesc.resolve.bound import HIGHEST_NODE
from machdesc.resolve.guest import Guest
from machdesc.resolve.plugged import number
from machdesc.syntax.tree import List, Number, String, Word
from machdesc.syntax.value import MOST_DIGITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from machdesc.syntax.tree import Property, Span, Statement, Value


HIGHEST_CPU = 0xFFFF
"""The highest number of a CPU (qapi/machine.json: NumaNodeOptions, `cpus` is a list of uint16)."""

_NODE_KEYS = {
    "dist": ("src", "dst"),
    "cpu": ("node-id",),
    "hmat-lb": ("initiator", "target"),
    "hmat-cache": ("node-id",),
}
"""Kind of statement -> the keys that name a node, which has to be there."""


def check_numa(guest: Guest) -> list[Diagnostic]:
    """All that is wrong with the `numa` statements; code numa."""
    statements = guest.description.all("numa")
    by_kind: dict[str, list[Statement]] = {}
    for statement in statements:
        by_kind.setdefault(statement.head.text if statement.head is not None else "", []).append(statement)
    nodes = _node_numbers(by_kind.get("node", []))
    diagnostics = _check_hmat(guest, by_kind)
    if nodes is not None:
        diagnostics += _check_numbers(nodes, by_kind)
    for statement in by_kind.get("dist", ()):
        keys = {item.name: item for item in statement.properties}
        values = [number(keys[name]) if name in keys else None for name in ("src", "dst", "val")]
        if values[0] is not None and values[0] == values[1] and values[2] not in (10, None):
            diagnostics.append(error("numa", "a node is 10 from itself", keys["val"].value.span, "10"))
    return diagnostics + _check_cpus(guest, by_kind.get("node", []))


def _node_numbers(statements: list[Statement]) -> dict[int, Span] | None:
    """The nodes with their places; None when one does not tell its number, and QEMU numbers them."""
    found = {}
    for statement in statements:
        item = next((item for item in statement.properties if item.name == "nodeid"), None)
        node = number(item) if item is not None else None
        if item is None or node is None:
            return None
        found[node] = item.value.span
    return found


def _check_numbers(nodes: dict[int, Span], by_kind: dict[str, list[Statement]]) -> list[Diagnostic]:
    """Nodes that are left out, or that are named and not there."""
    diagnostics = []
    highest = max(nodes, default=0)
    gap = next(node for node in range(len(nodes) + 1) if node not in nodes)
    if gap < highest <= HIGHEST_NODE:
        message = f"there is no NUMA node {gap} below {highest}"
        diagnostics.append(error("numa", message, nodes[highest]))
    allowed = listed([str(node) for node in sorted(nodes)])
    for kind, names in _NODE_KEYS.items():
        for statement in by_kind.get(kind, ()):
            for item in statement.properties:
                node = number(item) if item.name in names else None
                if node is not None and node not in nodes:
                    diagnostics.append(
                        error("numa", f"there is no NUMA node {node}", item.value.span, allowed)
                    )
    return diagnostics


def _check_hmat(guest: Guest, by_kind: dict[str, list[Statement]]) -> list[Diagnostic]:
    """What is for the ACPI table HMAT alone, and a cache without what has to come before it."""
    machine = guest.description.one("machine")
    said = {i.name: getattr(i.value, "text", "") for i in machine.properties} if machine is not None else {}
    places = [(s.keyword_span, k) for k in ("hmat-lb", "hmat-cache") for s in by_kind.get(k, ())]
    places += [
        (i.name_span, "initiator")
        for s in by_kind.get("node", ())
        for i in s.properties
        if i.name == "initiator"
    ]
    if places and said.get("hmat") != "on" and not guest.chain:
        help = "write `hmat on` in `machine`"
        return [error("numa", f"`{what}` needs the table HMAT", span, "", help) for span, what in places]
    if "hmat-cache" in by_kind and "hmat-lb" not in by_kind:
        span = by_kind["hmat-cache"][0].keyword_span
        return [error("numa", "a `hmat-cache` needs a `hmat-lb` of its node before it", span)]
    return []


def _check_cpus(guest: Guest, nodes: list[Statement]) -> list[Diagnostic]:
    """CPUs that are on two nodes, or that there are not."""
    diagnostics = []
    most = _most_cpus(guest)
    allowed = f"0 to {min(most - 1, HIGHEST_CPU) if most else HIGHEST_CPU}"
    # Sets of CPUs as bits: a list may have tens of thousands of ranges.
    everyone = 0
    for statement in nodes:
        own = 0
        for item in statement.properties:
            for first, last, span in _cpus(item) if item.name == "cpus" else ():
                if last > HIGHEST_CPU or (most and last >= most):
                    missing = max(first, most) if most else last
                    diagnostics.append(error("numa", f"there is no CPU {missing}", span, allowed))
                    continue
                cpus = ((1 << (last - first + 1)) - 1) << first
                twice = cpus & everyone
                if twice:
                    cpu = (twice & -twice).bit_length() - 1
                    diagnostics.append(error("numa", f"CPU {cpu} is on another node already", span))
                own |= cpus
        everyone |= own
    return diagnostics


def _most_cpus(guest: Guest) -> int:
    """How many CPUs there may be, 0 when the description does not tell."""
    statement = guest.description.one("cpu")
    said = {item.name: number(item) for item in statement.properties} if statement is not None else {}
    # A topology without `maxcpus` may have room for more than the `cpus` at the start.
    return said.get("maxcpus") or (said.get("cpus") if not said.keys() & set(TOPOLOGY[2:]) else 0) or 0


def _cpus(item: Property) -> Iterator[tuple[int, int, Span]]:
    """The first and the last CPU of each number, and of each range such as `0-3`, of a list or alone."""
    values: tuple[Value, ...] = item.value.items if isinstance(item.value, List) else (item.value,)
    for value in values:
        if isinstance(value, Number) and isinstance(value.value, int) and value.value >= 0:
            yield value.value, value.value, value.span
        elif isinstance(value, (Word, Number, String)):
            first, _, last = value.text.partition("-")
            ends = [int(end) for end in (first, last) if _is_number(end)]
            if len(ends) == 2 and ends[0] <= ends[1]:
                yield ends[0], ends[1], value.span


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
