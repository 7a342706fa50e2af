"""A device of the machine's own behaves differently under another machine type.

What it checks: the compat properties of both machine types for the devices that the machine brings along.

Why the guest notices: its registers, its ACPI tables or its saved state are others.

How to fix: keep the machine's version, or write the property as a `global`.
"""

from __future__ import annotations

from machdesc.check.visible import judge as judge

CODE = "MD004"
BREAKS = "additive"
