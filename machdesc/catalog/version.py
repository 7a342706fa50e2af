"""The order of versions: 9.2 before 10.0, a distribution's words before numbers.

Words of one distribution stand by the numbers in them: `rhel9.4.0` before `rhel10.0.0`. A suffix comes behind
what it is added to: `10.0`, `10.0+acme`, `10.1`.
"""

from __future__ import annotations

from machdesc.memo import Memo

TYPE_CHECKING = False
if TYPE_CHECKING:
    Key = tuple[tuple[int, str], ...]


def version_key(version: str) -> Key:
    """A key to sort release numbers and ABI versions by."""
    return _KEYS[version]


def _key(version: str) -> Key:
    runs: list[str] = []
    for word in version.split("."):
        start, before = 0, None
        for place, character in enumerate(word):
            is_digit = character.isdecimal()
            if before is not None and is_digit is not before:
                runs.append(word[start:place])
                start = place
            before = is_digit
        if word:
            runs.append(word[start:])
    return tuple([(number_of(run), "") if run.isdecimal() else (-1, run) for run in runs])


def number_of(digits: str) -> int:
    """The number that some digits are; all numbers with more digits than any version has are one."""
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


_MOST_DIGITS = 18


_KEYS = Memo(_key)


def is_numbered(machine: str) -> bool:
    """Whether a machine type's version is a number, as those of QEMU's own are: `pc-q35-9.2`."""
    _, dash, version = machine.rpartition("-")
    return bool(dash) and all(part.isdecimal() for part in version.split("."))
