"""Options of QEMU, before it is decided whether they go into a file or on the command line."""

from __future__ import annotations

from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.syntax.tree import Span

BOOT_FILES = ("kernel", "initrd", "append", "dtb", "shim", "firmware")
"""Keys of `boot` that are properties of the machine (hw/core/machine.c); others are `-boot`'s."""

MAX_LINE = 1022
"""Bytes of a line of a configuration file, comments too: a longer one is split, and its rest read as another
line (util/qemu-config.c: fgets into 1024 bytes)."""


class Option(Record):
    """One option, such as `-device virtio-rng-pci,id=rng0`.

    `name` is without its dash. `first` is the word that stands first, without a key, and
    `first_key` its key in a configuration file; `id` comes next; then `pairs`, in order.
    `section` is the option's group in a configuration file, empty when that cannot hold it.
    `span` is where the text says it. An option of one verbatim word is `plain`; `json` replaces all
    of it by a JSON text.
    """

    name: str
    first: str = ""
    id: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    section: str = ""
    first_key: str = ""
    span: Span | None = None
    plain: bool = False
    json: str = ""

    @property
    def says_something(self) -> bool:
        """Whether it has a text. QEMU would read the next argument as that of one without."""
        return bool(self.first or self.id or self.pairs or self.plain or self.json)
