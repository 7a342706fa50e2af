"""The accelerator is another one, or set otherwise.

What it checks: the first `accel` in `host`, its kind and what of its settings the guest sees, such as
`kernel-irqchip`.

Why the guest notices: processor features that one accelerator lacks are off under it, and interrupt
controllers may be others.

How to fix: keep the accelerator, or name only features that both have.
"""

from __future__ import annotations

CODE = "MD071"
BREAKS = "cold"
