"""The NUMA topology differs.

What it checks: every `numa` statement in its order.

Why the guest notices: the ACPI tables tell other nodes, distances or processors in them.

How to fix: keep the statements.
"""

from __future__ import annotations

CODE = "MD023"
BREAKS = "additive"
