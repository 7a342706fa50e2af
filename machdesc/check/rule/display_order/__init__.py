"""Another display answers at the ports of VGA.

What it checks: the order of the displays that answer there, and whether one is added behind them.

Why the guest notices: the display that QEMU makes last has the memory and the ports of VGA; firmware and boot
loader draw there.

How to fix: keep their order, and add a display before the others, or one without VGA.
"""

from __future__ import annotations

CODE = "MD048"
BREAKS = "additive"
