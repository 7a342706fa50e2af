"""A Hyper-V enlightenment differs.

What it checks: the `hv-` properties of the CPU.

Why the guest notices: Windows chooses its clocks, its interrupts and its spinlocks by them when it starts.

How to fix: write the old value.
"""

from __future__ import annotations

CODE = "MD013"
BREAKS = "additive"
