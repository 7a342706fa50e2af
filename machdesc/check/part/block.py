"""The other statements: identity, SMBIOS, fw_cfg, boot, clock, and arguments as they are."""

from __future__ import annotations

from machdesc.check.difference import Difference, differ
from machdesc.check.part.back_end import FILE_DOUBT
from machdesc.check.part.couple import called_now
from machdesc.check.part.value import properties_of, same_effect, same_text, written_text
from machdesc.model.merge import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property, Statement

    Properties = dict[str, Property]

_RULES = {
    "guest": "uuid",
    "smbios": "smbios",
    "fw_cfg": "fw-cfg",
    "boot": "boot-order",
    "rtc": "clock",
}
_KERNEL = ("kernel", "initrd", "append", "dtb", "shim")

BOOTED = (*_KERNEL, "firmware")
"""What `boot` says as properties of the machine, which may say them itself."""

_DEFAULTS = {
    ("boot", "menu"): "off",  # fw_cfg_bootsplash in hw/nvram/fw_cfg.c
    ("boot", "strict"): "off",  # get_boot_devices_list in system/bootdevice.c
    ("rtc", "base"): "utc",  # configure_rtc in system/rtc.c
    ("rtc", "clock"): "host",
    ("rtc", "driftfix"): "none",
}
"""What a setting is where nothing is written."""

_FILES = {
    "smbios": ("file",),
    "fw_cfg": ("file",),
    "boot": ("kernel", "initrd", "dtb", "shim", "firmware"),
}
"""What names a file of the host, whose content alone the guest sees."""


_DEVICE = "pcidev"
"""The property of SMBIOS table 41 that names a device."""


def compare_blocks(old: Guest, new: Guest) -> Iterable[Difference]:
    """All that differs in them."""
    before, after = _statements(old), _statements(new)
    for name in dict.fromkeys((*before, *after)):
        mine, theirs = before.get(name), after.get(name)
        if not same_text(mine, theirs):
            items = properties_of(mine), properties_of(theirs)
            yield from _block(old, new, mine or theirs, items)
    yield from _boot(old, new)
    yield from _arguments(old, new)


def _statements(guest: Guest) -> dict[tuple[str, str], Statement]:
    """The statements by what identifies them; those that may repeat, by their number."""
    found: dict[tuple[str, str], Statement] = {}
    repeated = 0
    for statement in guest.description.statements:
        if statement.keyword in _RULES and statement.keyword != "boot":
            name = key(statement)
            if name is None:
                repeated += 1
                head = statement.head.text if statement.head is not None else ""
                name = statement.keyword, f"{head} #{repeated}"
            found[name] = statement
    return found


def _boot(old: Guest, new: Guest) -> Iterable[Difference]:
    """What `boot` and the machine say of booting."""
    statement = old.description.one("boot") or new.description.one("boot")
    sides = []
    for guest in (old, new):
        machine = properties_of(guest.description.one("machine"))
        said = {name: item for name, item in machine.items() if name in BOOTED}
        sides.append({**said, **properties_of(guest.description.one("boot"))})
    yield from _block(old, new, statement, (sides[0], sides[1]))


def _block(
    old: Guest, new: Guest, statement: Statement | None, sides: tuple[Properties, Properties]
) -> Iterable[Difference]:
    """The properties of a statement, of which one side may have none; without one at all, those of `boot`."""
    keyword = statement.keyword if statement is not None else "boot"
    subject = _subject(statement) if statement is not None else "machine"
    before, after = sides
    for name in dict.fromkeys((*before, *after)):
        items = before.get(name), after.get(name)
        texts = [written_text(item.value) if item is not None else "" for item in items]
        texts = [text or _DEFAULTS.get((keyword, name), "") for text in texts]
        if name == _DEVICE:
            texts[0] = called_now(old, new, *texts)
        if statement is not None and keyword == "smbios" and statement.head is not None:
            from machdesc.abi.smbios import unwritten_field

            table = statement.head.text
            texts = [
                text or unwritten_field(side, table, name)
                for text, side in zip(texts, (old, new), strict=True)
            ]
        if texts[0] == texts[1] or same_effect(name, "str", *texts):
            continue
        rule = _RULES[keyword]
        if keyword == "boot" and name in _KERNEL:
            rule = "kernel"
        elif keyword == "boot" and name == "firmware":
            rule = "firmware"
        spans = [item.span if item is not None else None for item in items]
        doubt = FILE_DOUBT if name in _FILES.get(keyword, ()) and all(texts) else ""
        yield differ(rule, subject, f"`{name}`", texts, spans, doubt, keyword, name)


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
