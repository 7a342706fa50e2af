"""Variants: machine types of the user's own, by what they do otherwise than the one that they follow.

After this phase: a `Variant` whose entries are (driver, property, text), in the order in which they
stand; as in QEMU's own lists, a later one wins. Whether QEMU knows the names is not looked at.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.model.guest import Description, title
from machdesc.record import Record
from machdesc.syntax.tree import Block, List, Number, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Property, Statement, Value


class Entry(Record):
    """One compat property: the type of device whose property it is, with the place of its name, and what it
    is set to, as QEMU reads it on a command line."""

    driver: Word
    name: str
    text: str
    item: Property


class Variant:
    """A machine type that follows another one: its name, that of its base, the properties of the machine,
    and those of devices. Variants that say the same in the same places are equal."""

    __slots__ = ("_hash", "base", "entries", "name", "properties")

    def __init__(
        self, name: Word, base: Word, properties: tuple[Property, ...], entries: tuple[Entry, ...]
    ) -> None:
        self.name = name
        self.base = base
        self.properties = properties
        self.entries = entries
        self._hash = hash((name.text, base.text, tuple((e.driver.text, e.name, e.text) for e in entries)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Variant) and self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        return self.name, self.base, self.properties, self.entries


def parse_variant(description: Description) -> tuple[Variant | None, list[Diagnostic]]:
    """The variant that a description describes; None when it has errors.

    Codes: no-base, not-in-machine-type, wrong-type.
    """
    diagnostics: list[Diagnostic] = []
    head = description.one("machine-type")
    assert head is not None
    assert isinstance(head.head, Word)
    entries: list[Entry] = []
    for statement in (*description.statements, *description.host):
        if statement.keyword == "device":
            entries += _entries(statement, diagnostics)
        elif statement.keyword != "machine-type":
            diagnostics.append(_foreign(statement))
    for item in head.properties:
        _text(item, diagnostics)
    if head.base is None:
        help = "write the one whose differences it lists: `follows pc-q35-9.2`"
        message = "a machine type of your own follows one that QEMU has"
        diagnostics.append(error("no-base", message, head.head.span, "", help))
    if diagnostics or head.base is None:
        return None, diagnostics
    return Variant(head.head, head.base, head.properties, tuple(entries)), []


def _entries(statement: Statement, diagnostics: list[Diagnostic]) -> list[Entry]:
    """What one block sets."""
    assert isinstance(statement.head, Word)
    named = (("an id", statement.id), ("a version", statement.version), ("an address", statement.address))
    for what, word in named:
        if word is not None:
            message = f"a type of devices has no such thing as {what}"
            help = f"a machine type is about all devices of a type: `device {statement.head.text} {{ … }}`"
            diagnostics.append(error("not-in-machine-type", message, word.span, "", help))
    found = []
    for item in statement.properties:
        text = _text(item, diagnostics)
        found.append(Entry(statement.head, item.name, text, item))
    return found


def _text(item: Property, diagnostics: list[Diagnostic]) -> str:
    """A value as QEMU reads it; numbers with a unit are counted out."""
    value: Value = item.value
    if isinstance(value, (Block, List)):
        what = "block" if isinstance(value, Block) else "list"
        allowed = "a word, a number or text"
        message = f"in a machine type, `{item.name}` takes no {what}"
        diagnostics.append(error("wrong-type", message, value.span, allowed))
        return ""
    return str(value.value) if isinstance(value, Number) and value.unit else value.text


def _foreign(statement: Statement) -> Diagnostic:
    message = f"{title(statement)} has no place in a machine type"
    allowed = "machine-type, device"
    return error("not-in-machine-type", message, statement.keyword_span, allowed)
