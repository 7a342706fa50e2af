"""The model of a description: its statements by what they describe, each thing once.

After this phase: includes are in, overrides are merged, removals are done; what remains is
what the description says, in the order in which it says it. Every statement and every property
still knows the place that it comes from, which may be in an included file.
"""

from __future__ import annotations

from machdesc.model.file import DISK, Files
from machdesc.source import Source
from machdesc.syntax.tree import Statement

BACK_ENDS = ("netdev", "chardev", "blockdev", "audiodev", "tpmdev", "fsdev")
"""Keywords of the back ends that have an id of their own."""


class Description:
    """A guest or a machine type.

    `statements` are all that stand outside `host`, `host` those inside. What the language says
    once is None when it is not said. `files` are those that it was read from.
    """

    __slots__ = ("_host", "_outside", "files", "host", "source", "statements")

    def __init__(
        self,
        source: Source,
        statements: tuple[Statement, ...],
        host: tuple[Statement, ...],
        files: Files = DISK,
    ) -> None:
        self.source = source
        self.statements = statements
        self.host = host
        self.files = files
        self._outside = _by_keyword(statements)
        self._host = _by_keyword(host)

    def one(self, keyword: str) -> Statement | None:
        """The statement of a keyword that a description has once, such as `machine`."""
        found = self._outside.get(keyword)
        return found[0] if found else None

    def all(self, keyword: str) -> tuple[Statement, ...]:
        """All statements of a keyword outside `host`, such as `device`."""
        return self._outside.get(keyword, ())

    def host_all(self, keyword: str) -> tuple[Statement, ...]:
        """All statements of a keyword inside `host`, such as `netdev`."""
        return self._host.get(keyword, ())

    @property
    def is_machine_type(self) -> bool:
        """Whether it describes a machine type rather than a guest."""
        return self.one("machine-type") is not None


def _by_keyword(statements: tuple[Statement, ...]) -> dict[str, tuple[Statement, ...]]:
    found: dict[str, list[Statement]] = {}
    for statement in statements:
        found.setdefault(statement.keyword, []).append(statement)
    return {keyword: tuple(those) for keyword, those in found.items()}


def title(statement: Statement) -> str:
    """A short name for messages: ``device `net0` ``, ``netdev `lan` ``, `machine`."""
    if statement.id is not None:
        return f"{statement.keyword} `{statement.id.text}`"
    if statement.keyword in ("device", "global", "smbios", "include", "accel") and statement.head is not None:
        return f"{statement.keyword} `{statement.head.text}`"
    return f"`{statement.keyword}`"
