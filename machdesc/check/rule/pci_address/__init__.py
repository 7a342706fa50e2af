"""A device is at another PCI address.

What it checks: bus, slot and function of each device; a device that moves with its bridge has not moved.

Why the guest notices: network interfaces get new names, and Windows finds new hardware.

How to fix: give it its old address back.
"""

from __future__ import annotations

CODE = "MD040"
BREAKS = "additive"
