"""Merging: which statements describe the same thing, and what an override makes of them.

A statement overrides the one with the same key in an included file, property by property, also
inside nested blocks. Within one file a key stands once.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.model.guest import BACK_ENDS, title
from machdesc.syntax.tree import Block, Property, Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Value

_SECTIONS = ("spice", "name", "overcommit", "sandbox", "action", "msg", "run-with")
_SINGLE = frozenset(("guest", "machine", "machine-type", "cpu", "memory", "boot", "rtc", *_SECTIONS))
_BY_ID = frozenset(("device", "object", "drive", "fw_cfg", "monitor", *BACK_ENDS))
_BY_HEAD = frozenset(("smbios", "global", "accel", "display", "vnc"))

REPEATABLE_SMBIOS = ("8", "9", "11", "41")
"""SMBIOS types of which QEMU keeps every `-smbios`; of others, the last (hw/smbios/smbios.c)."""


def key(statement: Statement) -> tuple[str, str] | None:
    """What identifies the thing that a statement describes; None when nothing does."""
    keyword = statement.keyword
    if keyword in _BY_ID:
        return (keyword, statement.id.text) if statement.id is not None else None
    if keyword in _SINGLE:
        return keyword, ""
    if keyword in _BY_HEAD and statement.head is not None:
        if keyword == "smbios" and statement.head.text in REPEATABLE_SMBIOS:
            return None
        return keyword, statement.head.text
    if keyword == "ignore" and statement.head is not None and statement.id is not None:
        return keyword, f"{statement.head.text} {statement.id.text}"
    if keyword == "numa" and statement.head is not None and statement.head.text == "node":
        for item in statement.properties:
            if item.name == "nodeid" and not isinstance(item.value, Block):
                return "numa node", getattr(item.value, "text", "")
    return None


def merge_statement(old: Statement, new: Statement, diagnostics: list[Diagnostic]) -> Statement:
    """The statement that results when `new` overrides `old`, which has the same key."""
    by_id = old.keyword in _BY_ID
    if by_id and old.head is not None and new.head is not None and old.head.text != new.head.text:
        line = old.span[2].location(old.span[0])[0]
        diagnostics.append(
            error(
                "changed-type",
                f"{title(new)} is `{old.head.text}` in {old.span[2].name}:{line}, not `{new.head.text}`",
                new.head.span,
                "",
                f"write `remove {old.keyword} {new.id.text if new.id else ''}` above, and describe it anew",
            )
        )
        return new
    return new._replace(
        version=new.version or (old.version if _same_head(old, new) else None),
        address=new.address or old.address,
        block=merge_block(old.block, new.block),
    )


def _same_head(old: Statement, new: Statement) -> bool:
    """Whether both name the same type or model; the version of another one says nothing of it."""
    return old.head is not None and new.head is not None and old.head.text == new.head.text


def merge_block(old: Block | None, new: Block | None) -> Block | None:
    """The properties of both; where both have one, the new one, and nested blocks merged."""
    if old is None or new is None:
        return new or old
    merged: dict[str, Property] = {item.name: item for item in old.properties}
    for item in new.properties:
        before = merged.get(item.name)
        value: Value = item.value
        if before is not None and isinstance(before.value, Block) and isinstance(value, Block):
            value = merge_block(before.value, value) or value
        merged[item.name] = item._replace(value=value)
    return Block(tuple(merged.values()), new.span)


def repeated_properties(block: Block, diagnostics: list[Diagnostic]) -> None:
    """Reports each property that stands twice in one block, nested ones too."""
    seen: dict[str, Property] = {}
    for item in block.properties:
        name, value, _ = item
        if name not in seen:
            seen[name] = item
        else:
            first = seen[name]
            line = first.name_span[2].location(first.name_span[0])[0]
            diagnostics.append(
                error(
                    "repeated-property",
                    f"property `{name}` stands a second time",
                    item.name_span,
                    "",
                    f"it is set in line {line}; remove one of them",
                )
            )
        if type(value) is Block:
            repeated_properties(value, diagnostics)
