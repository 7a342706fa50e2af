"""Items: properties of statements that are compared as they are written."""

from __future__ import annotations

from machdesc.check.difference import Difference, differ
from machdesc.check.part.value import same_value, shown_text, written_text
from machdesc.syntax.tree import Number, String

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Property

DEFAULT_BYTES = 128 << 20
"""The size of memory that QEMU takes when none is said (hw/core/machine.c: default_ram_size)."""


def compare_item(
    rule: str, subject: str, name: str, before: Property | None, after: Property | None, type: str = ""
) -> Iterable[Difference]:
    """A property of a statement that differs."""
    texts = [written_text(item.value) if item is not None else "" for item in (before, after)]
    if not _say_the_same(before, after, texts):
        spans = [item.span if item is not None else None for item in (before, after)]
        texts = [shown_text(item.value) if item is not None else "" for item in (before, after)]
        yield differ(rule, subject, f"`{name}`", texts, spans, "", type, name)


def _say_the_same(before: Property | None, after: Property | None, texts: list[str]) -> bool:
    """Whether both are the same; what stands in quotes is a text, and a list of one is what is in it."""
    if before is not None and after is not None and isinstance(before.value, String):
        return texts[0] == texts[1]
    return same_value(*(text.removeprefix("[").removesuffix("]") for text in texts))


def memory_bytes(guest: Guest) -> int:
    """The size of a guest's memory in bytes."""
    statement = guest.description.one("memory")
    if statement is None or not isinstance(statement.head, Number):
        return DEFAULT_BYTES
    # A bare number is in MiB (docs of `-m`).
    number = statement.head
    return int(number.value if number.unit else number.value * (1 << 20))
