"""A file of fw_cfg differs.

What it checks: every `fw_cfg` statement.

Why the guest notices: the firmware and programs in the guest read it.

How to fix: keep it.
"""

from __future__ import annotations

CODE = "MD064"
BREAKS = "additive"
