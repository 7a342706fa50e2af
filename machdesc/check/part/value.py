"""Values of properties: when two are the same, and how they are shown."""

from __future__ import annotations

from machdesc.syntax.tree import Block, List, Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Property, Span, Statement, Value

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")

_SWITCHES = {"on": "on", "true": "on", "yes": "on", "off": "off", "false": "off", "no": "off"}


def same_value(old: object, new: object) -> bool:
    """Whether two values mean the same to QEMU where nothing tells their kind: `on` and true, 16 and 0x10,
    equal texts."""
    return (
        old == new
        if type(old) is type(new) and not isinstance(old, str)
        else canonical(old) == canonical(new)
    )


_SWITCH_NUMBERS = ("rombar",)
"""Numbers of which QEMU only asks whether they are 0; in 10.0 and later the default of `rombar`
is -1, in 7.2 it is 1 (hw/pci/pci.c, pci_add_option_rom)."""


def _mac(text: str) -> str:
    return text.lower().replace("-", ":")


def _pci_host(text: str) -> str:
    return text.lower() if text.count(":") != 1 else f"0000:{text.lower()}"


_SPELLINGS = {
    "mac": _mac,  # set_mac in hw/core/qdev-properties-system.c
    "uuid": str.lower,  # qemu_uuid_parse in util/uuid.c
    "guid": str.lower,
    "host": _pci_host,  # set_pci_host_devaddr in hw/core/qdev-properties-system.c
}
"""Texts that QEMU reads as numbers, so that letters of both cases are the same -> how they are compared."""


_WITHOUT = {"vectors": 0}
"""What a device does in a release in which it does not have the property: without `vectors` a virtio device
has no MSI-X (virtio_pci_device_plugged in hw/virtio/virtio-pci.c)."""


def value_without(name: str) -> object:
    """The value by which a device goes that does not have the property; None where nobody knows."""
    return _WITHOUT.get(name)


def same_effect(name: str, kind: str, old: object, new: object) -> bool:
    """Whether two values of a property, of a device or `PART.PROPERTY`, do the same. Those of kind `str` are
    compared letter by letter."""
    name = name.rpartition(".")[2]
    if name in _SWITCH_NUMBERS and isinstance(old, int) and isinstance(new, int):
        return (old == 0) == (new == 0)
    if kind != "str":
        return same_value(old, new)
    if name in _SPELLINGS and isinstance(old, str) and isinstance(new, str):
        old, new = _SPELLINGS[name](old), _SPELLINGS[name](new)
    return old == new


def canonical(value: object) -> str:
    """A text that two values share when they mean the same, where nothing tells their kind."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(canonical(item) for item in value) + "]"
    text = str(value)
    if text in _SWITCHES:
        return _SWITCHES[text]
    digits = text.removeprefix("-")
    if digits.isascii() and digits[:1].isdecimal() and "_" not in digits:
        try:
            return str(int(text, 0))
        except ValueError:
            return text
    return text


def shown(value: object) -> str:
    """A value for people; empty when there is none."""
    if isinstance(value, str):
        return value or "empty"
    return "" if value is None else canonical(value)


def written_text(value: Value) -> str:
    """A written value as one text, whatever its form."""
    if isinstance(value, Block):
        return "{ " + "  ".join(f"{item.name} {written_text(item.value)}" for item in value.properties) + " }"
    if isinstance(value, List):
        return "[" + ", ".join(written_text(entry) for entry in value.items) + "]"
    return str(value.value) if isinstance(value, Number) else value.text


def shown_text(value: Value) -> str:
    """A written value for people: sizes with the largest unit that they are a multiple of."""
    if isinstance(value, Number) and value.unit and isinstance(value.value, int):
        return size_text(value.value)
    return written_text(value)


def size_text(size: int) -> str:
    """A number of bytes as the language writes it: `8GiB`."""
    exponent = 0
    while size and size % 1024 == 0 and exponent < len(_UNITS) - 1:
        size, exponent = size // 1024, exponent + 1
    return f"{size}{_UNITS[exponent]}"


def heading(statement: Statement | None) -> Span | None:
    """Where a statement says what it is about: its type, version and id, without its block and address.
    None when there is no statement."""
    if statement is None:
        return None
    names = [name.span for name in (statement.head, statement.version, statement.id) if name is not None]
    if not names:
        return statement.keyword_span
    return min(span[0] for span in names), max(span[1] for span in names), statement.span[2]


def properties_of(statement: Statement | None) -> dict[str, Property]:
    """The properties of a statement by name; none of one that is not there."""
    return {item.name: item for item in statement.properties} if statement is not None else {}


def same_text(old: Statement | None, new: Statement | None) -> bool:
    """Whether two statements are sure to say the same, since they stand there in the very same
    characters, with nothing from an included file."""
    if old is None or new is None:
        return old is new
    (start, end, source), (new_start, new_end, new_source) = old.span, new.span
    if source.text[start:end] != new_source.text[new_start:new_end]:
        return False
    for statement, own in ((old, source), (new, new_source)):
        for item in statement.properties:
            if item.value.span[2] is not own:
                return False
    return True
