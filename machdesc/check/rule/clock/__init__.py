"""The clock is set otherwise.

What it checks: the settings in `rtc`.

Why the guest notices: the clock shows another time at its next start.

How to fix: keep them.
"""

from __future__ import annotations

CODE = "MD070"
BREAKS = "cold"
