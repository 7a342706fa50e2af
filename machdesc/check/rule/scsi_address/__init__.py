"""A disk is at another SCSI address.

What it checks: channel, target and LUN.

Why the guest notices: disks change their names and their order.

How to fix: give it its old address back.
"""

from __future__ import annotations

CODE = "MD041"
BREAKS = "additive"
