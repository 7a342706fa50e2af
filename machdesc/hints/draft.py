"""The description as hints make it: what is added to its statements is collected here, then written.

A part that no statement can reach, such as a device of the machine, is reached by a global.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, error
from machdesc.model.guest import Description
from machdesc.syntax.tree import Block, Number, Property, Statement, String, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.hints.basis import Scalar
    from machdesc.syntax.tree import Span


class Draft:
    """What is added, in the places of the text that it belongs to; `found` is what is wrong."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self._added: dict[int, list[Property]] = {}
        self._addresses: dict[int, Word] = {}
        self._versions: dict[int, Word] = {}
        self._more: list[Statement] = []
        self._globals: dict[tuple[str, str], tuple[Scalar, str, Span]] = {}
        self._written: set[tuple[str, str]] = set()

    def add(self, statement: Statement, name: str, value: Scalar, span: Span) -> None:
        """A property more in a statement."""
        self._added.setdefault(id(statement), []).append(_property(name, value, span))

    def place(self, statement: Statement, place: str, span: Span) -> None:
        """The address of a device."""
        self._addresses[id(statement)] = Word(place, span)

    def date(self, statement: Statement, version: str, span: Span) -> None:
        """The version of a device."""
        self._versions[id(statement)] = Word(version, span)

    def add_statement(
        self, keyword: str, head: Word | Number, values: Iterable[tuple[str, Scalar]], span: Span
    ) -> None:
        """A statement more."""
        self._more.append(_statement(keyword, head, values, span))

    def add_global(self, name: str, value: Scalar, owner: str, span: Span, is_there: bool = False) -> None:
        """A property of all of a type, as `type.property`, which `owner` needs. One that `is_there` already
        is not written, but holds for the others of the type.

        Code: hint-conflict.
        """
        driver, _, key = name.rpartition(".")
        earlier = self._globals.setdefault((driver, key), (value, owner, span))
        if not is_there:
            self._written.add((driver, key))
        if earlier[0] != value:
            message = f"`{owner}` and `{earlier[1]}` need two values of `{name}`, which QEMU has once"
            help = "only one of them can be as it was; leave the other one out of the hints' guest"
            self.found.append(error("hint-conflict", message, span, "", help))

    def written(self, old: Description) -> Description:
        """A description with all of it."""
        statements = [self._completed(statement) for statement in old.statements]
        globals = [
            _statement("global", Word(driver, span), [(key, value)], span)
            for (driver, key), (value, _, span) in self._globals.items()
            if (driver, key) in self._written
        ]
        return Description(old.source, (*statements, *self._more, *globals), old.host, old.files)

    def _completed(self, statement: Statement) -> Statement:
        key = id(statement)
        address = self._addresses.get(key, statement.address)
        version = self._versions.get(key, statement.version)
        completed = statement._replace(address=address, version=version)
        added = self._added.get(key)
        if not added:
            return completed
        span = statement.block.span if statement.block is not None else statement.span
        return completed._replace(block=Block((*statement.properties, *added), span))


def _statement(
    keyword: str, head: Word | Number, values: Iterable[tuple[str, Scalar]], span: Span
) -> Statement:
    block = Block(tuple(_property(name, value, span) for name, value in values), span)
    return Statement(keyword, head, None, None, None, None, block, (), None, span)


def _property(name: str, value: Scalar, span: Span) -> Property:
    """A property as a text would say it, in the place of what it is added to."""
    node: Word | Number | String
    if isinstance(value, bool):
        node = Word("on" if value else "off", span)
    elif isinstance(value, int):
        node = Number(str(value), value, "", span)
    else:
        node = String(value, span)
    return Property(name, node, span[0])
