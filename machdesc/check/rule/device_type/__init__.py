"""A device is of another type.

What it checks: the type of devices with the same id.

Why the guest notices: another device is in its place, for which it may have no driver; a boot disk may not be
found.

How to fix: keep the type.
"""

from __future__ import annotations

CODE = "MD032"
BREAKS = "additive"
