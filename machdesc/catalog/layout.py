"""Layouts of saved states: what each release's `-dump-vmstate` tells, read from its file when two
releases are compared, and never else.

A device type that saves a section of its own has a description; the other parts of a state (memory,
the CPUs, what old code writes without a description) are told by no dump.
"""

from __future__ import annotations

from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from machdesc.catalog.catalog import Catalog


class Field(Record):
    """A field of a description: `size` in bytes of memory, `num` the length of an array (0: no array),
    `version` the first version of the description that has it, `is_conditional` whether a function of
    QEMU decides if it is there, `of` the key of the description that it is a structure of, if any."""

    name: str
    size: int
    num: int
    version: int
    is_conditional: bool
    of: str


class Description(Record):
    """A description: its name, its version, the least version that it loads, its fields (None: it has
    none at all, and nothing can be loaded by it), and the keys of its subsections."""

    name: str
    version: int
    minimum: int
    fields: tuple[Field, ...] | None
    subsections: tuple[str, ...]


class Layouts:
    """The layouts of one release."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        self.release: str = value["release"]
        self._sections: Mapping[str, str] = value["sections"]
        self._told: Mapping[str, Any] = value["descriptions"]
        self._read: dict[str, Description] = {}
        self.tells_arrays = any(
            "num" in field for told in self._told.values() for field in told.get("fields", ())
        )
        """Whether the release tells how long arrays are; the oldest ones do not."""

    def section(self, type: str) -> Description | None:
        """The description by which a type of devices saves its state; None when it saves none."""
        key = self._sections.get(type)
        return self.description(key) if key is not None else None

    def description(self, key: str) -> Description:
        """The description of a key of the file, such as `vga` or `vga#2`."""
        found = self._read.get(key)
        if found is None:
            told = self._told[key]
            fields = told.get("fields")
            found = self._read[key] = Description(
                key.partition("#")[0],
                told["version"],
                told["minimum"],
                tuple(map(_field, fields)) if fields is not None else None,
                tuple(told.get("subsections", ())),
            )
        return found


def read_layouts(catalog: Catalog, release: str) -> Layouts | None:
    """The layouts of a release, from the catalog's folder; None when it has no file of them.

    :raises ValueError: when the file is none that harvest wrote.
    """
    import os

    from machdesc.catalog.file import read_document

    if not catalog.folder:
        from machdesc.catalog.location import machines_path

        folder = str(machines_path() / catalog.arch)
    else:
        folder = catalog.folder
    path = os.path.join(folder, "vmstate", f"{release}.json")
    found = _layouts.get(path)
    if found is None:
        try:
            found = _layouts[path] = Layouts(read_document(path))
        except FileNotFoundError:
            return None
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: not written by harvest ({error!r})") from error
    return found


def _field(told: Mapping[str, Any]) -> Field:
    return Field(
        told["field"],
        told["size"],
        told.get("num", 0),
        told.get("version", 0),
        told.get("conditional", False),
        told.get("of", ""),
    )


_layouts: dict[str, Layouts] = {}
"""By the path of their file."""
