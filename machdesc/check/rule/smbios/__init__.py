"""A string of SMBIOS differs.

What it checks: every `smbios` statement.

Why the guest notices: licences are often bound to these strings.

How to fix: keep them.
"""

from __future__ import annotations

CODE = "MD063"
BREAKS = "additive"
