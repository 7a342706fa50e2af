"""The slots for memory differ.

What it checks: `slots` and `max` of `memory`.

Why the guest notices: the ACPI tables and the address space above the memory change.

How to fix: keep both as they are.
"""

from __future__ import annotations

CODE = "MD021"
BREAKS = "additive"
