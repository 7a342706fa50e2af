"""A device of the machine's own behaves differently.

What it checks: the compat properties of both machine types, and the `global`s of both descriptions, for the
devices that the machine brings along.

Why the guest notices: its registers, its ACPI tables or its saved state are others.

How to fix: keep the machine's version, or write the old value as a `global`.
"""

from __future__ import annotations

from machdesc.check.visible import judge as judge

CODE = "MD004"
BREAKS = "additive"
