"""The accelerator is another one.

What it checks: the first `accel` in `host`.

Why the guest notices: processor features that one accelerator lacks are off under it.

How to fix: keep the accelerator, or name only features that both have.
"""

from __future__ import annotations

CODE = "MD071"
BREAKS = "cold"
