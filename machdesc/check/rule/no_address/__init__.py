"""A device has no address, and QEMU may place it elsewhere.

What it checks: whether all that QEMU places before it, and all given addresses of such buses, are the same;
for memory, also the alignment of its back end.

Why the guest notices: the device may be at another address.

How to fix: write its address: `at BUS/ADDRESS`.
"""

from __future__ import annotations

CODE = "MD046"
BREAKS = "additive"
