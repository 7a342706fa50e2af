"""A property of the machine differs.

What it checks: every property of the machine, with what the machine type has where nothing is written.

Why the guest notices: it decides which of the chipset's devices and tables there are.

How to fix: write the old value in `machine`.
"""

from __future__ import annotations

from machdesc.check.visible import judge as judge

CODE = "MD003"
BREAKS = "additive"
