"""A disk is at another place of an IDE or SATA controller.

What it checks: bus and unit.

Why the guest notices: disks change their names and their order.

How to fix: give it its old place back.
"""

from __future__ import annotations

CODE = "MD043"
BREAKS = "additive"
