"""The order of booting differs.

What it checks: the settings in `boot`.

Why the guest notices: fw_cfg tells the firmware another order.

How to fix: keep them.
"""

from __future__ import annotations

CODE = "MD062"
BREAKS = "additive"
