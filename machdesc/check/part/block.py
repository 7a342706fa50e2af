"""The other statements: identity, SMBIOS, fw_cfg, boot, clock, globals, and what the host runs."""

from __future__ import annotations

from machdesc.check.difference import Difference, differ
from machdesc.check.part.value import heading, properties_of, same_text, same_value, written_text
from machdesc.model.merge import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Statement

_RULES = {
    "guest": "uuid",
    "smbios": "smbios",
    "fw_cfg": "fw-cfg",
    "boot": "boot-order",
    "rtc": "clock",
}
_BOOT_FILES = ("kernel", "initrd", "append", "dtb", "shim")


def compare_blocks(old: Guest, new: Guest) -> Iterable[Difference]:
    """All that differs in them. A `global` shows in the devices that it reaches."""
    before, after = _statements(old), _statements(new)
    for name in dict.fromkeys((*before, *after)):
        mine, theirs = before.get(name), after.get(name)
        if not same_text(mine, theirs):
            yield from _block(old, new, mine, theirs)
    yield from _host(old, new)


def _statements(guest: Guest) -> dict[tuple[str, str], Statement]:
    """The statements by what identifies them; those that may repeat, by their number."""
    found: dict[tuple[str, str], Statement] = {}
    repeated = 0
    for statement in guest.description.statements:
        if statement.keyword in _RULES:
            name = key(statement)
            if name is None:
                repeated += 1
                head = statement.head.text if statement.head is not None else ""
                name = statement.keyword, f"{head} #{repeated}"
            found[name] = statement
    return found


def _block(old: Guest, new: Guest, mine: Statement | None, theirs: Statement | None) -> Iterable[Difference]:
    statement = mine or theirs
    assert statement is not None
    subject = _subject(statement)
    before, after = properties_of(mine), properties_of(theirs)
    for name in dict.fromkeys((*before, *after)):
        items = before.get(name), after.get(name)
        texts = [written_text(item.value) if item is not None else "" for item in items]
        if statement.keyword == "smbios" and statement.head is not None:
            from machdesc.abi.smbios import unwritten_field

            table = statement.head.text
            texts = [
                text or unwritten_field(side, table, name)
                for text, side in zip(texts, (old, new), strict=True)
            ]
        if same_value(*texts) and texts[0] == texts[1]:
            continue
        rule = _RULES[statement.keyword]
        if statement.keyword == "boot" and name in _BOOT_FILES:
            rule = "kernel"
        elif statement.keyword == "boot" and name == "firmware":
            rule = "firmware"
        spans = [item.span if item is not None else None for item in items]
        yield differ(rule, subject, f"`{name}`", texts, spans, "", statement.keyword, name)


def _subject(statement: Statement) -> str:
    """What a finding about a statement is about."""
    if statement.keyword in ("smbios", "fw_cfg"):
        word = statement.id or statement.head
        return f"{statement.keyword} {word.text}" if word is not None else statement.keyword
    return statement.keyword


def _host(old: Guest, new: Guest) -> Iterable[Difference]:
    """What of the host may reach the guest: the accelerator, and arguments as they are."""
    sides = [guest.description.host_all("accel") for guest in (old, new)]
    heads = [side[0].head.text if side and side[0].head is not None else "" for side in sides]
    spans = [heading(side[0]) if side else None for side in sides]
    if heads[0] != heads[1]:
        doubt = "the accelerator decides which processor features a guest can have"
        yield differ("accelerator", "cpu", "the accelerator", heads, spans, doubt)
    raw = [guest.description.host_all("arguments") for guest in (old, new)]
    texts = [" ".join(written_text(s.values) for s in side if s.values is not None) for side in raw]
    if texts[0] != texts[1]:
        spans = [side[0].span if side else None for side in raw]
        doubt = "arguments for QEMU as they are may be anything"
        yield differ("arguments", "host", "`arguments`", texts, spans, doubt)
