"""A device is at another USB port.

What it checks: the path of ports.

Why the guest notices: the device is found anew, and a saved state names its port.

How to fix: give it its old port back.
"""

from __future__ import annotations

CODE = "MD042"
BREAKS = "additive"
