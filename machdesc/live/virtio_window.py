"""Accesses the structures of a virtio device on PCI through its config space, with no BAR mapped.

That is the PCI configuration access capability (virtio 1.2, 4.1.4.9): a place and a width are
written, and the next four bytes are then the register.
"""

from __future__ import annotations

from collections.abc import Iterable

from machdesc.live.config_space import ConfigSpace
from machdesc.live.pci import Function
from machdesc.live.qtest import Qtest

COMMON, DEVICE = 1, 4
_ACCESS = 5
"""Kinds of structures that a capability tells the place of (virtio 1.2, 4.1.4)."""

_VENDOR_CAPABILITY = 0x09
_OFFSET, _LENGTH, _DATA = 8, 12, 16
"""Fields of such a capability; the last one only of the kind for access."""

Access = list[str]
"""Lines of qtest; the answer to the last one is the register's value."""


class VirtioWindow:
    """The registers of one device; `structures` are kind of structure -> offset of its capability."""

    def __init__(self, qtest: Qtest, config: ConfigSpace, function: Function) -> None:
        self._qtest = qtest
        self._config = config
        self._function = function
        self._structures: dict[int, int] = {}
        for kind, offset in function.capabilities():
            if kind == _VENDOR_CAPABILITY:
                self._structures.setdefault(function.space[offset + 3], offset)

    @property
    def is_modern(self) -> bool:
        """Whether the device has more than the legacy interface."""
        return COMMON in self._structures and _ACCESS in self._structures

    @property
    def has_config(self) -> bool:
        """Whether the device has a config of its own."""
        return DEVICE in self._structures

    def read(self, structure: int, register: int, width: int) -> Access:
        """Reads a register of 1, 2 or 4 bytes."""
        lines = self._config.read_lines(self._function.place, self._structures[_ACCESS] + _DATA, width)
        return [*self._aim(structure, register, width), *lines]

    def write(self, structure: int, register: int, value: int, width: int) -> Access:
        """Writes a register of 1, 2 or 4 bytes."""
        place = self._structures[_ACCESS] + _DATA
        lines = self._config.write_lines(self._function.place, place, value, width)
        return [*self._aim(structure, register, width), *lines]

    def ask(self, accesses: Iterable[Access]) -> list[int]:
        """The values that the accesses give; only of those that end with a read."""
        batches = list(accesses)
        answers = iter(self._qtest.ask_all(line for lines in batches for line in lines))
        return [int([next(answers) for _ in lines][-1], 16) for lines in batches]

    def tell(self, accesses: Iterable[Access]) -> None:
        """Makes accesses that write."""
        self._qtest.ask_all(line for lines in accesses for line in lines)

    def _aim(self, structure: int, register: int, width: int) -> Access:
        start = self._structures[structure] + _OFFSET
        offset = int.from_bytes(self._function.space[start : start + 4], "little") + register
        access = self._structures[_ACCESS]
        return [
            *self._config.write_lines(self._function.place, access + _OFFSET, offset),
            *self._config.write_lines(self._function.place, access + _LENGTH, width),
        ]
