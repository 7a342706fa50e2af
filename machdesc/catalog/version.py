"""The order of versions: 9.2 before 10.0, a distribution's words before numbers.

Words of one distribution stand by the numbers in them: `rhel9.4.0` before `rhel10.0.0`. A suffix comes behind
what it is added to: `10.0`, `10.0+acme`, `10.1`.
"""

from __future__ import annotations

from itertools import groupby


def version_key(version: str) -> tuple[tuple[int, str], ...]:
    """A key to sort release numbers and ABI versions by."""
    runs = ("".join(run) for word in version.split(".") for _, run in groupby(word, str.isdecimal))
    return tuple((int(run), "") if run.isdecimal() else (-1, run) for run in runs)


def is_numbered(machine: str) -> bool:
    """Whether a machine type's version is a number, as those of QEMU's own are: `pc-q35-9.2`."""
    _, dash, version = machine.rpartition("-")
    return bool(dash) and all(part.isdecimal() for part in version.split("."))
