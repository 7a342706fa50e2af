"""The firmware is another file.

What it checks: the files behind `pflash0` and `pflash1`, through all nodes or in a `drive` that is flash, and
`firmware` of `boot`.

Why the guest notices: boot entries and Secure Boot's keys live in its variables; another build may not read
them, and a saved state needs the same size.

How to fix: keep the files; a firmware's update belongs to a moment when the guest is switched off.
"""

from __future__ import annotations

CODE = "MD060"
BREAKS = "additive"
