"""A device is at another place of its bus.

What it checks: the bus of each device, and the address on it.

Why the guest notices: the device is found anew.

How to fix: give it its old place back.
"""

from __future__ import annotations

CODE = "MD045"
BREAKS = "additive"
