"""A device is gone.

What it checks: devices of the old description that have no partner, by id or by type and place, in the new
one, and drives that brought one along.

Why the guest notices: hardware that it has drivers for is missing, and a saved state has a section too many.

How to fix: put it back.
"""

from __future__ import annotations

CODE = "MD030"
BREAKS = "additive"
