"""A feature or property of the CPU differs.

What it checks: every property in `cpu`, and what the machine types set for CPUs.

Why the guest notices: CPUID shows it; a running guest may already use it.

How to fix: write the old value.
"""

from __future__ import annotations

from machdesc.check.visible import judge as judge

CODE = "MD012"
BREAKS = "additive"
