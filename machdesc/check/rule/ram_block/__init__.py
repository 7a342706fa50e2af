"""A RAM block has another name.

What it checks: the ids of memory back ends, and which of them is the machine's memory.

Why the guest notices: nothing; but a saved state names each RAM block by the id of its back end, and does not
load.

How to fix: keep the id.
"""

from __future__ import annotations

CODE = "MD022"
BREAKS = "live"
