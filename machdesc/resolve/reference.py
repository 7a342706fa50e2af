"""Checks of names: what a property names must be described, and what is described must be used."""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, Suggestion, error, listed, warning
from machdesc.memo import Memo
from machdesc.model.guest import BACK_ENDS, title
from machdesc.resolve.guest import Guest
from machdesc.syntax.tree import Block, List, Number, Property, Statement, String, Word, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from machdesc.catalog.catalog import Property as KnownProperty
    from machdesc.syntax.tree import Value

_BACK_END_KINDS = {
    "netdev": ("netdev",),
    "chardev": ("chardev",),
    "block": ("blockdev", "drive"),
    "audiodev": ("audiodev",),
    "tpmdev": ("tpmdev",),
    "fsdev": ("fsdev",),
}
"""What a schema says that a property names -> the statements that describe such things."""

_UNTOLD = {"fsdev": "fsdev"}
"""Properties that name a back end of which QEMU's own description says nothing."""

_DEEP = "block, nested"
"""Key for the names of block nodes together with those that are described inside others."""

_USABLE = frozenset((*BACK_ENDS, "object", "drive"))
"""Statements of `host` that are for others to name."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_OF_ID = _LETTERS + "0123456789._-"
"""What QEMU's ids begin with, and consist of (util/id.c, id_wellformed)."""


_IS_ID = Memo(lambda text: text[:1] in _LETTERS and not text.strip(_OF_ID) and 0 < len(text) <= 63)


def check_references(guest: Guest) -> list[Diagnostic]:
    """Names that are not described, descriptions that are not named, ids that QEMU refuses."""
    described = _described(guest)
    diagnostics: list[Diagnostic] = []
    for device in guest.devices:
        if device.type is not None:
            known = device.type.properties(guest.release)
            diagnostics += _undefined(guest, device.statement.properties, known, described)
    machine = guest.description.one("machine")
    if machine is not None and guest.machine_schema is not None:
        known = guest.machine_schema.properties(guest.release)
        diagnostics += _undefined(guest, machine.properties, known, described)
    diagnostics += _undefined_by_name(guest, described)
    diagnostics += _unused(guest)
    for statement in (*guest.description.statements, *guest.description.host):
        if statement.id is not None and statement.keyword not in ("fw_cfg", "guest", "monitor", "ignore"):
            text = statement.id.text
            if not _IS_ID[text]:
                diagnostics.append(
                    error(
                        "bad-id",
                        f"`{text}` is no id that QEMU takes",
                        statement.id.span,
                        "a letter, then letters, digits, `-`, `.` and `_`, 63 in all",
                    )
                )
    return diagnostics


class _Names(set[str]):
    """Names that are described."""

    _sorted: tuple[str, ...] = ()

    def in_order(self) -> tuple[str, ...]:
        """All of them, sorted once for all that name something else."""
        if len(self._sorted) != len(self):
            self._sorted = tuple(sorted(self))
        return self._sorted


def _described(guest: Guest) -> dict[str, _Names]:
    """What is described, by what a property may refer to: back ends, and objects by type."""
    described: dict[str, _Names] = {kind: _Names() for kind in _BACK_END_KINDS}
    for kind, keywords in _BACK_END_KINDS.items():
        for keyword in keywords:
            described[kind] |= {s.id.text for s in guest.description.host_all(keyword) if s.id is not None}
    described["object"] = _Names({s.id.text for s in _objects(guest) if s.id is not None})
    described["device"] = _Names({device.id for device in guest.devices if device.id})
    return described


def _objects(guest: Guest) -> tuple[Statement, ...]:
    return (*guest.description.all("object"), *guest.description.host_all("object"))


def _undefined(
    guest: Guest,
    properties: Iterable[Property],
    known: Mapping[str, KnownProperty],
    described: dict[str, _Names],
) -> list[Diagnostic]:
    """The names in a block that nothing describes."""
    diagnostics = []
    for item in properties:
        name, value, _ = item
        entry = known.get(name)
        refers = (entry.refers if entry is not None else "") or _UNTOLD.get(name)
        if not refers or not isinstance(value, (Word, String)):
            continue
        text = value.text
        if refers in _BACK_END_KINDS:
            # A drive may name a node deep inside a block graph, which has no statement of its own.
            names = described[refers]
            if text not in names and text and refers == "block":
                if _DEEP not in described:
                    described[_DEEP] = _Names(names | _inner_nodes(guest))
                names = described[_DEEP]
            if text not in names and text:
                keywords = " or ".join(_BACK_END_KINDS[refers])
                diagnostics.append(_missing(item, text, f"no {keywords} `{text}`", names, keywords))
        elif guest.catalog.object(refers) is not None or _is_object(guest, refers):
            names = described["object"]
            if text not in names and not text.startswith("/"):
                diagnostics.append(_missing(item, text, f"no object `{text}`", names, "object"))
    return diagnostics


def _missing(item: Property, text: str, message: str, names: _Names, keyword: str) -> Diagnostic:
    otherwise = f"describe it: `{keyword.split(' ')[0]} KIND {text}`"
    return error(
        "undefined-name",
        f"{message} is described",
        item.value.span,
        listed(names.in_order()),
        Suggestion(text, names.in_order(), otherwise),
    )


def _is_object(guest: Guest, refers: str) -> bool:
    """Whether a QOM type has user-creatable objects below it."""
    return any(
        refers in guest.catalog.ancestors(name, guest.release) for name in guest.catalog.names("object")
    )


def _inner_nodes(guest: Guest) -> set[str]:
    """Names of block nodes that are described inside other nodes."""
    found: set[str] = set()
    for statement in guest.description.host_all("blockdev"):
        for item in _deep(statement.properties):
            if item.name == "node-name" and not isinstance(item.value, (Block, List)):
                found.add(item.value.text)
    return found


def _deep(properties: Iterable[Property]) -> Iterator[Property]:
    """All properties, those of nested blocks too."""
    for item in properties:
        yield item
        yield from _deep(_blocks(item.value))


def _blocks(value: Value) -> Iterator[Property]:
    if isinstance(value, Block):
        yield from value.properties
    elif isinstance(value, List):
        for entry in value.items:
            yield from _blocks(entry)


def _undefined_by_name(guest: Guest, described: dict[str, _Names]) -> list[Diagnostic]:
    """Names in the statements that no schema describes: NUMA nodes, monitors, TPM back ends."""
    diagnostics = []
    places: list[tuple[str, str, str]] = [
        ("numa", "memdev", "object"),
        ("memory", "backend", "object"),
        ("tpmdev", "chardev", "chardev"),
        ("netdev", "chardev", "chardev"),
    ]
    for keyword, name, kind in places:
        for statement in (*guest.description.all(keyword), *guest.description.host_all(keyword)):
            for item in statement.properties:
                if item.name == name and not isinstance(item.value, (Block, List)):
                    text = item.value.text
                    if text not in described[kind]:
                        message = f"no {kind} `{text}`"
                        diagnostics.append(_missing(item, text, message, described[kind], kind))
    for statement in guest.description.host_all("monitor"):
        if statement.id is not None and statement.id.text not in described["chardev"]:
            diagnostics.append(
                error(
                    "undefined-name",
                    f"no chardev `{statement.id.text}` is described",
                    statement.id.span,
                    listed(described["chardev"].in_order()),
                )
            )
    return diagnostics


def _unused(guest: Guest) -> list[Diagnostic]:
    """Back ends and objects that nothing names."""
    description = guest.description
    named = {statement.id.text for statement in description.host_all("monitor") if statement.id is not None}
    for statement in description.host_all("arguments"):
        words = " ".join(texts(statement.values)) if statement.values is not None else ""
        named |= set(words.replace("=", " ").replace(",", " ").replace(":", " ").split(" "))
    for statement in (*description.statements, *description.host):
        for _, value, _ in statement.properties:
            if isinstance(value, (Word, Number, String)):
                named.add(value.text)
            else:
                named.update(texts(value))
    diagnostics = []
    standing = ("throttle-group", "secret", "tls-", "authz-", "filter-", "colo-", "main-loop", "sev-", "tdx-")
    for statement in guest.description.host:
        if statement.id is None or statement.keyword not in _USABLE:
            continue
        head = statement.head.text if statement.head is not None else ""
        if (statement.keyword == "object" and head.startswith(standing)) or head == "hubport":
            continue
        if statement.keyword == "drive" and not _is_none_drive(statement):
            continue
        if statement.id.text not in named:
            diagnostics.append(
                warning(
                    "unused",
                    f"{title(statement)} is never used",
                    statement.id.span,
                    "",
                    "remove it, or name it",
                )
            )
    return diagnostics


def _is_none_drive(statement: Statement) -> bool:
    """Whether a drive is left for a device to name, rather than plugged by QEMU itself."""
    return any(
        item.name == "if" and getattr(item.value, "text", "") == "none" for item in statement.properties
    )
