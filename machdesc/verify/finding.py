"""What a comparison yields: differences with their places, and what was not compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from machdesc.abi.effective import UNKNOWN, Effective
from machdesc.abi.shown import is_shown, why_changed, why_drawn
from machdesc.diagnostic import Diagnostic, error
from machdesc.live.qom import UNREADABLE, Object
from machdesc.model.heading import heading

if TYPE_CHECKING:
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Span


@dataclass
class Findings:
    """`differences` are errors at places of the description; `devices` and `values` count what was
    compared; `passed` are sentences that say what was not, and why. `changed` are properties that the sandbox
    does not pass on as they are (`machdesc.live.sandbox.sandbox.Harmless`)."""

    differences: list[Diagnostic] = field(default_factory=list)
    devices: int = 0
    values: int = 0
    passed: list[str] = field(default_factory=list)
    changed: frozenset[tuple[str, str]] = frozenset()

    def differ(self, code: str, message: str, span: Span, help: str) -> None:
        """Adds a difference."""
        self.differences.append(error(code, message, span, "", help))

    def compare(self, subject: str, type: str, value: Effective, shown: Object, key: str, span: Span) -> None:
        """Holds one effective value against a property of an object."""
        told = shown.get(key)
        if value.origin == UNKNOWN:
            self.passed.append(f"{subject}.{value.name}: {value.detail}")
        elif (subject, value.name) in self.changed or (type, value.name) in self.changed:
            self.passed.append(f"{subject}.{value.name}: left out or copied, to leave the host alone")
        elif told is None or told.value == UNREADABLE:
            self.passed.append(f"{subject}.{value.name}: QEMU does not tell it")
        elif why := why_drawn(type, value) or why_changed(type, value, told.type):
            self.passed.append(f"{subject}.{value.name}: {why}")
        else:
            self.values += 1
            if not is_shown(value, told.value):
                self.differ(
                    "value-differs",
                    f"{subject}: `{value.name}` is {text(value.value)} ({value.detail}), "
                    f"and QEMU shows {text(told.value)}",
                    value.span or span,
                    "a running guest has what QEMU shows: write that, or start it with what compile prints",
                )


def span_of(guest: Guest, keyword: str) -> Span:
    """Where a statement is named; the first one of the text where there is none."""
    return heading(guest.description.one(keyword) or guest.description.statements[0])


def text(value: object) -> str:
    """A value for people."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f'"{value}"' if isinstance(value, str) else str(value)
