"""The other statements: identity, SMBIOS, fw_cfg, boot, clock, and arguments as they are."""

from __future__ import annotations

from machdesc.check.difference import Difference, differ
from machdesc.check.part.back_end import FILE_DOUBT
from machdesc.check.part.value import properties_of, same_effect, same_text, written_text
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
_KERNEL = ("kernel", "initrd", "append", "dtb", "shim")

_FILES = {
    "smbios": ("file",),
    "fw_cfg": ("file",),
    "boot": ("kernel", "initrd", "dtb", "shim", "firmware"),
}
"""What names a file of the host, whose content alone the guest sees."""


def compare_blocks(old: Guest, new: Guest) -> Iterable[Difference]:
    """All that differs in them."""
    before, after = _statements(old), _statements(new)
    for name in dict.fromkeys((*before, *after)):
        mine, theirs = before.get(name), after.get(name)
        if not same_text(mine, theirs):
            yield from _block(old, new, mine, theirs)
    yield from _arguments(old, new)


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
        if texts[0] == texts[1] or same_effect(name, "str", *texts):
            continue
        rule = _RULES[statement.keyword]
        if statement.keyword == "boot" and name in _KERNEL:
            rule = "kernel"
        elif statement.keyword == "boot" and name == "firmware":
            rule = "firmware"
        spans = [item.span if item is not None else None for item in items]
        doubt = FILE_DOUBT if name in _FILES.get(statement.keyword, ()) and all(texts) else ""
        yield differ(rule, subject, f"`{name}`", texts, spans, doubt, statement.keyword, name)


def _subject(statement: Statement) -> str:
    """What a finding about a statement is about."""
    if statement.keyword in ("smbios", "fw_cfg"):
        word = statement.id or statement.head
        return f"{statement.keyword} {word.text}" if word is not None else statement.keyword
    return statement.keyword


def _arguments(old: Guest, new: Guest) -> Iterable[Difference]:
    """What is passed to QEMU as it is."""
    raw = [guest.description.host_all("arguments") for guest in (old, new)]
    texts = [" ".join(written_text(s.values) for s in side if s.values is not None) for side in raw]
    if texts[0] != texts[1]:
        spans = [side[0].span if side else None for side in raw]
        doubt = "machdesc does not read them"
        yield differ("arguments", "host", "`arguments`", texts, spans, doubt)
