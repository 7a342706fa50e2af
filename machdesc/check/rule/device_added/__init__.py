"""A device is new.

What it checks: devices of the new description that have no partner in the old one, and drives that bring one
along.

Why the guest notices: a new device is found; all others are as they were.

How to fix: plug it into the running guest, or accept it with `--require additive`.
"""

from __future__ import annotations

CODE = "MD031"
BREAKS = "cold"
