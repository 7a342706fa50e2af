"""What QEMU refuses, and lint reports, beside the nearest that both take.

Each row was tried on QEMU 7.2 and 11.1, and `tests/live/test_refusal.py` tries it again.
"""

from __future__ import annotations

from machdesc.record import Record

MACHINE = "machine q35 @ 7.2"
"""The machine of rows that name none."""


class Row(Record):
    """The code of the diagnostic, and statements of a guest that is refused and of one that is taken."""

    code: str
    refused: str
    taken: str


ROWS = (
    Row("memory-slots", "memory 256M { slots 2 }", "memory 256M { max 1G }"),
    Row("memory-slots", "memory 256M { slots 257  max 4G }", "memory 256M { slots 256  max 4G }"),
)


def whole(text: str) -> str:
    """The description of a guest with some statements."""
    machine = "" if text.startswith("machine ") else MACHINE + "\n"
    memory = "" if "memory " in text else "memory 256M\n"
    return f"machdesc 1\nguest g\n{machine}{memory}{text}\n"
