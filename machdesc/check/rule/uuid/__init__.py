"""The guest's UUID differs.

What it checks: `uuid` of `guest`.

Why the guest notices: SMBIOS shows it; licences and cloud-init are bound to it.

How to fix: keep it.
"""

from __future__ import annotations

CODE = "MD065"
BREAKS = "additive"
