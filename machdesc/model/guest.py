"""The model of a description: its statements by what they describe, each thing once.

After this phase: includes are in, overrides are merged, removals are done; what remains is
what the description says, in the order in which it says it. Every statement and every property
still knows the place that it comes from, which may be in an included file.
"""

from __future__ import annotations

from machdesc.model.file import DISK, Files
from machdesc.record import Record
from machdesc.source import Source
from machdesc.syntax.tree import Statement

BACK_ENDS = ("netdev", "chardev", "blockdev", "audiodev", "tpmdev", "fsdev")
"""Keywords of the back ends that have an id of their own."""


class Description(Record):
    """A guest or a machine type.

    `statements` are all that stand outside `host`, `host` those inside. What the language says
    once is None when it is not said. `files` are those that it was read from.
    """

    source: Source
    statements: tuple[Statement, ...]
    host: tuple[Statement, ...]
    files: Files = DISK

    def one(self, keyword: str) -> Statement | None:
        """The statement of a keyword that a description has once, such as `machine`."""
        for statement in self.statements:
            if statement.keyword == keyword:
                return statement
        return None

    def all(self, keyword: str) -> tuple[Statement, ...]:
        """All statements of a keyword outside `host`, such as `device`."""
        return tuple(s for s in self.statements if s.keyword == keyword)

    def host_all(self, keyword: str) -> tuple[Statement, ...]:
        """All statements of a keyword inside `host`, such as `netdev`."""
        return tuple(s for s in self.host if s.keyword == keyword)

    @property
    def is_machine_type(self) -> bool:
        """Whether it describes a machine type rather than a guest."""
        return self.one("machine-type") is not None


def title(statement: Statement) -> str:
    """A short name for messages: ``device `net0` ``, ``netdev `lan` ``, `machine`."""
    if statement.id is not None:
        return f"{statement.keyword} `{statement.id.text}`"
    if statement.keyword in ("device", "global", "smbios", "include", "accel") and statement.head is not None:
        return f"{statement.keyword} `{statement.head.text}`"
    return f"`{statement.keyword}`"
