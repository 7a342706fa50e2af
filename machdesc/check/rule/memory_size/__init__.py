"""The size of memory differs.

What it checks: the size of `memory` and of every memory back end.

Why the guest notices: the memory map is another one, and a saved state does not fit.

How to fix: keep the size; memory is added to a running guest as a device.
"""

from __future__ import annotations

CODE = "MD020"
BREAKS = "additive"
